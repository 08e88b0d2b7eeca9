import { z } from "zod";
import { callStatuses, parseRequest } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Gateway } from "../open-gateway.ts";
import {
  type Approval,
  approvalStatuses,
  type CallRow,
  type Freeze,
  freezeKinds,
} from "../store/store.ts";
import { emptyAnswer, jsonAnswer } from "./answer.ts";
import { quarantineRoutes } from "./quarantine-routes.ts";
import type { GuardedRoute, QueryParameter } from "./route.ts";
import {
  approvalSchema,
  approvalsSchema,
  callRowsSchema,
  checkpointSchema,
  freezesSchema,
} from "./schemas.ts";

/** What people do who look after the gateway: read, answer approvals, freeze. */
export function operatorRoutes(gateway: Gateway): readonly GuardedRoute[] {
  return [
    ...callRoutes(gateway),
    ...approvalRoutes(gateway),
    ...quarantineRoutes(gateway),
    ...freezeRoutes(gateway),
    checkpointRoute(gateway),
  ];
}

const readers: GuardedRoute["kinds"] = ["operator", "auditor"];
/** An id, or the name of a principal or tool. */
const text = z.string().min(1).max(limits.principalChars);

const callFilterSchema = z.strictObject({
  session: text.exactOptional(),
  principal: text.exactOptional(),
  tool: text.exactOptional(),
  status: z.enum(callStatuses).exactOptional(),
});

function callRoutes({ deps }: Gateway): readonly GuardedRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/calls",
      summary: `Calls, newest first, at most ${limits.listRows}; without arguments and outputs.`,
      kinds: readers,
      query: queryOf(callFilterSchema),
      answers: { 200: { says: "The calls.", schema: callRowsSchema } },
      refusals: ["REQUEST_INVALID"],
      handle: async ({ query }) => {
        const rows = await deps.store.calls.list(parseRequest(callFilterSchema, query));
        return jsonAnswer(200, { calls: rows.map(withoutOutput) });
      },
    },
  ];
}

function withoutOutput({ answer, ...row }: CallRow): object {
  if (answer === undefined) return row;
  const { code, ring, approval, tier, label, findings, ms } = answer;
  return { ...row, code, ring, approval, tier, label, findings, ms };
}

const approvalFilterSchema = z.strictObject({
  status: z.enum(approvalStatuses).exactOptional(),
});
const approvalAnswerSchema = z.strictObject({ answer: z.enum(["approved", "denied"]) });

function approvalRoutes({ deps: { store } }: Gateway): readonly GuardedRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/approvals",
      summary: "What people were asked. Strangers wrote parts of `shown`: escape it.",
      kinds: readers,
      query: queryOf(approvalFilterSchema),
      answers: { 200: { says: "The approvals.", schema: approvalsSchema } },
      refusals: ["REQUEST_INVALID"],
      handle: async ({ query }) => {
        const { status } = parseRequest(approvalFilterSchema, query);
        return jsonAnswer(200, { approvals: await store.approvals.list(status) });
      },
    },
    {
      method: "GET",
      path: "/v1/approvals/:approval",
      summary: "One approval, with all that the person is shown.",
      kinds: readers,
      answers: { 200: { says: "The approval.", schema: approvalSchema } },
      refusals: ["NOT_FOUND"],
      handle: async ({ params }) =>
        jsonAnswer(200, found(await store.approvals.find(params["approval"] ?? ""))),
    },
    {
      method: "POST",
      path: "/v1/approvals/:approval",
      summary: "Answer an approval, once. A credential of the principal that asks does not count.",
      kinds: ["operator"],
      body: jsonSchemaOf(approvalAnswerSchema),
      answers: { 200: { says: "The approval as it stands now.", schema: approvalSchema } },
      refusals: ["NOT_FOUND", "APPROVAL_MISMATCH", "RECORD_UNWRITABLE", "RECORD_FULL"],
      handle: async ({ body, caller: { actor, principal }, params }) => {
        const { answer } = parseRequest(approvalAnswerSchema, body);
        const id = params["approval"] ?? "";
        return jsonAnswer(200, await store.approvals.answer(id, answer, { actor, principal }));
      },
    },
  ];
}

function found(approval: Approval | undefined): Approval {
  if (approval === undefined) throw new Refusal("NOT_FOUND");
  return approval;
}

const freezeKind = z.enum(freezeKinds);
const freezeSchema = z.strictObject({
  kind: freezeKind,
  id: text,
  reason: z.string().min(1).max(limits.reasonChars),
});
const frozenSchema: z.ZodType<Freeze> = z.strictObject({ kind: freezeKind, id: text });

function freezeRoutes({ calls, deps: { store } }: Gateway): readonly GuardedRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/freeze",
      summary: "What is frozen.",
      kinds: readers,
      answers: { 200: { says: "The freezes.", schema: freezesSchema } },
      refusals: [],
      handle: async () => jsonAnswer(200, { freezes: await store.freezes.list() }),
    },
    {
      method: "POST",
      path: "/v1/freeze",
      summary: "Freeze a session, principal or tool, at once: calls that run are stopped.",
      kinds: ["operator"],
      body: jsonSchemaOf(freezeSchema),
      answers: { 204: { says: "It is frozen." } },
      refusals: ["RECORD_UNWRITABLE", "RECORD_FULL"],
      handle: async ({ body, caller }) => {
        const { reason, ...what } = parseRequest(freezeSchema, body);
        await store.freezes.freeze(what, reason, caller.actor);
        await calls.stop(what);
        return emptyAnswer(204);
      },
    },
    {
      method: "DELETE",
      path: "/v1/freeze/:kind/:id",
      summary: "Thaw what was frozen.",
      kinds: ["operator"],
      answers: { 204: { says: "It is thawed." } },
      refusals: ["NOT_FOUND", "REQUEST_INVALID", "RECORD_UNWRITABLE", "RECORD_FULL"],
      handle: async ({ caller, params }) => {
        const what = parseRequest(frozenSchema, { ...params });
        if (!(await store.freezes.thaw(what, caller.actor))) throw new Refusal("NOT_FOUND");
        return emptyAnswer(204);
      },
    },
  ];
}

function checkpointRoute({ deps: { store } }: Gateway): GuardedRoute {
  return {
    method: "GET",
    path: "/v1/audit/checkpoint",
    summary: "The newest signed statement about the record; keep it elsewhere as an anchor.",
    kinds: readers,
    answers: { 200: { says: "The checkpoint.", schema: checkpointSchema } },
    refusals: ["RECORD_UNWRITABLE", "RECORD_FULL"],
    handle: async () => jsonAnswer(200, await store.record.checkpoint()),
  };
}

function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: "input" }) as JsonObject;
}

function queryOf(schema: z.ZodObject): readonly QueryParameter[] {
  return Object.entries(schema.shape).map(([name, part]) => ({
    name,
    says: `Only those of this ${name}.`,
    schema: jsonSchemaOf(part as z.ZodType),
  }));
}
