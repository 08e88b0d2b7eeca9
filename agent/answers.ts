import { z } from "zod";
import { actions } from "../manifests/action.ts";
import { type CallAnswer, type CallProposal, callStatuses } from "../manifests/call.ts";
import type { JsonValue } from "../manifests/json.ts";
import { confidentialities, integrities } from "../manifests/label.ts";
import { isRefusalCode, type RefusalCode, rings } from "../manifests/refusals.ts";
import { tiers } from "../manifests/tier.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Reply } from "./send.ts";

/** What opening a session gives: the token is good for that session alone. */
export interface OpenedSession {
  readonly session: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** The answer to a proposal, also where it came as an RFC 9457 document. */
export function readProposalAnswer(reply: Reply, proposal: CallProposal): CallAnswer {
  return reply.isProblem ? answerOfProblem(reply, proposal.tool) : readCallAnswer(reply);
}

export function readCallAnswer(reply: Reply): CallAnswer {
  return readReply(callAnswerSchema, reply);
}

export function readSession(reply: Reply): OpenedSession {
  return readReply(sessionSchema, reply);
}

/** The refusal as an error, for requests that have no answer to give but success. */
export function refusalOf(reply: Reply): GatewayError {
  const answer = answerOfProblem(reply, "");
  return new GatewayError("refused", `${answer.code}: ${answer.detail}`, { answer });
}

/** At the door a request is refused before it is a call; then the id is empty. */
function answerOfProblem(reply: Reply, proposedTool: string): CallAnswer {
  const { state, call, tool, code, ring, detail, mend, approval, ms } = readReply(
    problemSchema,
    reply,
  );
  return {
    status: state,
    id: call,
    tool: tool ?? proposedTool,
    code,
    ring,
    detail,
    mend,
    ...(approval !== undefined && { approval }),
    ...(reply.retryAfterSeconds !== undefined && { retryAfterSeconds: reply.retryAfterSeconds }),
    ms,
  };
}

/**
 * Members that are not known are left out, as RFC 9457 asks; known ones are never coerced.
 *
 * @throws {GatewayError} `answer-invalid`, naming the first member that is wrong.
 */
export function readReply<T>(schema: z.ZodType<T>, reply: Reply): T {
  const parsed = schema.safeParse(reply.body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join(".") || "the body";
  const what = `\`${where}\` of the gateway's answer: ${issue?.message ?? "invalid"}`;
  throw new GatewayError("answer-invalid", what, { cause: parsed.error });
}

const json = z.custom<JsonValue>((value) => value !== undefined, "missing");
const refusalCode = z.custom<RefusalCode>(
  (value) => typeof value === "string" && isRefusalCode(value),
  "not a refusal code that this client knows",
);
const ms = z.number().min(0);

const callAnswerSchema: z.ZodType<CallAnswer> = z.object({
  status: z.enum(callStatuses),
  output: json.exactOptional(),
  id: z.string(),
  tool: z.string(),
  code: refusalCode.exactOptional(),
  ring: z.enum(rings).exactOptional(),
  detail: z.string().exactOptional(),
  mend: z.string().exactOptional(),
  approval: z.string().exactOptional(),
  retryAfterSeconds: z.number().min(0).exactOptional(),
  tier: z.enum(tiers).exactOptional(),
  label: z
    .object({ integrity: z.enum(integrities), confidentiality: z.enum(confidentialities) })
    .exactOptional(),
  findings: z.record(z.string(), z.int().min(0)).exactOptional(),
  actions: z.array(z.enum(actions)).exactOptional(),
  spotlight: z
    .object({ begin: z.string(), end: z.string(), holds: z.enum(["text", "json"]) })
    .exactOptional(),
  ms,
});

const problemSchema = z.object({
  code: refusalCode,
  ring: z.enum(rings),
  detail: z.string(),
  mend: z.string(),
  state: z.enum(["refused", "pending", "unknown"]).default("refused"),
  call: z.string().default(""),
  tool: z.string().exactOptional(),
  approval: z.string().exactOptional(),
  ms: ms.default(0),
});

const sessionSchema: z.ZodType<OpenedSession> = z.object({
  session: z.string().min(1),
  token: z.string().min(1),
  expiresAt: z.iso.datetime().transform((text) => new Date(text)),
});
