import { actions } from "../../manifests/action.ts";
import { callStatuses } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { confidentialities, integrities } from "../../manifests/label.ts";
import { effects } from "../../manifests/manifest.ts";
import { refusalCodes, rings } from "../../manifests/refusals.ts";
import { tiers } from "../../manifests/tier.ts";
import { modes } from "../config/config.ts";
import { approvalStatuses, freezeKinds } from "../store/store.ts";
import { withheldStatuses } from "../store/withheld.ts";

/**
 * JSON Schemas of what is answered, for `/openapi.json`. They describe; what is answered is made by
 * the types of the same names.
 */
const string: JsonObject = { type: "string" };
const millisecondsSince1970: JsonObject = { type: "integer", description: "Since 1970, in ms." };
const ms: JsonObject = { type: "number", minimum: 0 };
const code: JsonObject = { enum: [...refusalCodes] };
const ring: JsonObject = { enum: [...rings] };
const callStatus: JsonObject = { enum: [...callStatuses] };

const label: JsonObject = object({
  integrity: { enum: [...integrities] },
  confidentiality: { enum: [...confidentialities] },
});

const ended: JsonObject = {
  code,
  ring,
  approval: { type: "string", description: "Where pending: what a person has to answer." },
  tier: { enum: [...tiers] },
  label,
  findings: { type: "object", additionalProperties: { type: "integer" } },
  actions: {
    type: "array",
    items: { enum: [...actions] },
    description: "What the output guard did with the output, weakest first.",
  },
};

const spotlight: JsonObject = {
  ...object({ begin: string, end: string, holds: { enum: ["text", "json"] } }),
  description: "Where `output` is one text that stands as data between `begin` and `end`.",
};

const callAnswer: JsonObject = object(
  { status: callStatus, id: string, tool: string, ms },
  { output: {}, spotlight, ...ended, detail: string, mend: string, retryAfterSeconds: ms },
);

const callRow: JsonObject = object(
  {
    id: string,
    session: string,
    principal: string,
    tool: string,
    status: callStatus,
    startedAt: millisecondsSince1970,
  },
  { endedAt: millisecondsSince1970, ...ended, ms },
);

const approval: JsonObject = object(
  {
    id: string,
    call: string,
    session: string,
    principal: string,
    tool: string,
    facts: string,
    shown: { type: "object", description: "Strangers wrote parts of it: escape it." },
    askedAt: millisecondsSince1970,
    expiresAt: millisecondsSince1970,
    status: { enum: [...approvalStatuses] },
  },
  { answeredBy: string },
);

const withheld: JsonObject = object(
  {
    id: { type: "string", description: "The reference, or the approval that is waited for." },
    call: string,
    session: string,
    principal: string,
    tool: string,
    label,
    because: listOf(string),
    bytes: { type: "integer" },
    heldAt: millisecondsSince1970,
    expiresAt: millisecondsSince1970,
    status: { enum: [...withheldStatuses] },
  },
  { answeredBy: string, output: { description: "Strangers wrote parts of it: escape it." } },
);

const tool: JsonObject = object(
  {
    name: string,
    description: string,
    effects: { type: "array", items: { enum: [...effects] } },
    input: { type: "object", description: "JSON Schema 2020-12 of the arguments." },
    output: { type: ["object", "boolean"], description: "JSON Schema of the output." },
  },
  { title: string },
);

const functionTool: JsonObject = object({
  type: { const: "function" },
  function: object({ name: string, description: string, parameters: { type: "object" } }),
});

const problem: JsonObject = object(
  {
    type: { type: "string", pattern: "^urn:ringward:refusal:" },
    title: string,
    status: { type: "integer" },
    detail: string,
    code,
    ring,
    mend: string,
  },
  {
    instance: { type: "string", pattern: "^urn:ringward:call:" },
    call: string,
    tool: string,
    state: { enum: ["refused", "pending", "unknown"] },
    approval: string,
    ms,
  },
);

export const components: JsonObject = {
  Approval: approval,
  CallAnswer: callAnswer,
  CallRow: callRow,
  FunctionTool: functionTool,
  Problem: problem,
  Tool: tool,
  Withheld: withheld,
};

export const callAnswerSchema: JsonObject = ref("CallAnswer");
export const callRowsSchema: JsonObject = object({ calls: listOf(ref("CallRow")) });
export const approvalSchema: JsonObject = ref("Approval");
export const approvalsSchema: JsonObject = object({ approvals: listOf(ref("Approval")) });
export const withheldSchema: JsonObject = ref("Withheld");
export const withheldListSchema: JsonObject = object({ quarantine: listOf(ref("Withheld")) });
export const problemSchema: JsonObject = ref("Problem");
export const statusSchema: JsonObject = object({ status: string });
export const readySchema: JsonObject = object(
  { status: string, mode: { enum: [...modes] } },
  { unwalled: { ...listOf(string), description: "Tiers that run without walls." } },
);

export const toolsSchema: JsonObject = object({
  tools: listOf({ anyOf: [ref("Tool"), ref("FunctionTool")] }),
});

export const openedSessionSchema: JsonObject = object({
  session: string,
  token: { type: "string", description: "Good for this session alone." },
  expiresAt: { type: "string", format: "date-time" },
});

export const freezesSchema: JsonObject = object({
  freezes: listOf(
    object({
      kind: { enum: [...freezeKinds] },
      id: string,
      reason: string,
      at: millisecondsSince1970,
    }),
  ),
});

export const checkpointSchema: JsonObject = object({
  chain: string,
  writer: string,
  sequence: { type: "integer" },
  hash: string,
  at: millisecondsSince1970,
  publicKey: string,
  nextPublicKey: string,
  signature: string,
});

function object(required: JsonObject, optional: JsonObject = {}): JsonObject {
  const properties = { ...required, ...optional };
  return { type: "object", required: Object.keys(required), properties };
}

function listOf(items: JsonObject): JsonObject {
  return { type: "array", items };
}

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}
