import {
  parseSessionRequest,
  parseTurn,
  sessionRequestJsonSchema,
  turnJsonSchema,
} from "../../manifests/session.ts";
import type { Gateway } from "../open-gateway.ts";
import { emptyAnswer, jsonAnswer } from "./answer.ts";
import type { GuardedRoute } from "./route.ts";
import { openedSessionSchema } from "./schemas.ts";

/** What hosts do: open sessions, and pass on what the user says. */
export function sessionRoutes({ deps, openSession }: Gateway): readonly GuardedRoute[] {
  return [
    {
      method: "POST",
      path: "/v1/sessions",
      summary: "Open a session. Its token is shown this once.",
      kinds: ["host"],
      body: sessionRequestJsonSchema(),
      answers: { 201: { says: "The session is open.", schema: openedSessionSchema } },
      refusals: ["SESSION_UNKNOWN", "PERMISSION_EXCEEDED", "RECORD_UNWRITABLE", "RECORD_FULL"],
      handle: async ({ body, caller }) => {
        const { session, token } = await openSession(parseSessionRequest(body), caller.actor);
        const expiresAt = new Date(session.expiresAt).toISOString();
        return jsonAnswer(201, { session: session.id, token, expiresAt });
      },
    },
    {
      method: "POST",
      path: "/v1/sessions/:session/turns",
      summary: "Pass on what the user says next. Provenance trusts it.",
      kinds: ["host"],
      body: turnJsonSchema(),
      answers: { 204: { says: "It is written down." } },
      refusals: ["SESSION_UNKNOWN", "SESSION_ENDED", "RECORD_UNWRITABLE", "RECORD_FULL"],
      handle: async ({ body, caller, params }) => {
        const { session = "" } = params;
        await deps.store.sessions.addTurn(session, parseTurn(body), caller.actor);
        return emptyAnswer(204);
      },
    },
  ];
}
