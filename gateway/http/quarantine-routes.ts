import { Refusal } from "../../manifests/refusals.ts";
import type { Gateway } from "../open-gateway.ts";
import { jsonAnswer } from "./answer.ts";
import type { GuardedRoute } from "./route.ts";
import { withheldListSchema, withheldSchema } from "./schemas.ts";

/** Outputs that agents may pass on and not read: looked at, and released. */
export function quarantineRoutes({ deps: { store } }: Gateway): readonly GuardedRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/quarantine",
      summary: "Outputs that are withheld, newest first, without their texts.",
      kinds: ["operator", "auditor"],
      answers: { 200: { says: "The outputs.", schema: withheldListSchema } },
      refusals: [],
      handle: async () => jsonAnswer(200, { quarantine: await store.withheld.list() }),
    },
    {
      method: "GET",
      path: "/v1/quarantine/:output",
      summary:
        "One, by its reference or its approval. Strangers wrote parts of `output`: escape it.",
      kinds: ["operator", "auditor"],
      answers: { 200: { says: "The output.", schema: withheldSchema } },
      refusals: ["NOT_FOUND"],
      handle: async ({ params }) => {
        const found = await store.withheld.find(params["output"] ?? "");
        if (found === undefined) throw new Refusal("NOT_FOUND");
        const { output, ...about } = found;
        const parsed = output === undefined ? {} : { output: JSON.parse(output) as unknown };
        return jsonAnswer(200, { ...about, ...parsed });
      },
    },
    {
      method: "POST",
      path: "/v1/quarantine/:output/release",
      summary: "Let the agent read it. A credential of the principal that would does not count.",
      kinds: ["operator"],
      answers: { 200: { says: "The output as it stands now.", schema: withheldSchema } },
      refusals: ["NOT_FOUND", "APPROVAL_MISMATCH", "RECORD_UNWRITABLE", "RECORD_FULL"],
      handle: async ({ caller: { actor, principal }, params }) =>
        jsonAnswer(200, await store.withheld.release(params["output"] ?? "", { actor, principal })),
    },
  ];
}
