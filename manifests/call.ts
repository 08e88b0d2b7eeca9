import { z } from "zod";
import type { Action } from "./action.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import type { Label } from "./label.ts";
import { limits } from "./limits.ts";
import { Refusal, type RefusalCode, type Ring } from "./refusals.ts";
import type { Spotlight } from "./spotlight.ts";
import type { Tier } from "./tier.ts";

/** What an agent proposes: the body of `POST /v1/sessions/{id}/calls`, parsed strictly. */
export interface CallProposal {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** An approval that a person gave for this very call. */
  readonly approval?: string;
}

/** How a call ends. `running` is no end: it is what asking about one in flight gets. */
export const callStatuses = ["completed", "refused", "pending", "unknown", "running"] as const;
export type CallStatus = (typeof callStatuses)[number];

/** What the agent is told. Refusals are also RFC 9457 documents over HTTP. */
export interface CallAnswer {
  readonly status: CallStatus;
  /** Only where completed. */
  readonly output?: JsonValue;
  readonly id: string;
  readonly tool: string;
  readonly code?: RefusalCode;
  readonly ring?: Ring;
  readonly detail?: string;
  readonly mend?: string;
  /** Where pending: what a person has to answer. */
  readonly approval?: string;
  readonly retryAfterSeconds?: number;
  readonly tier?: Tier;
  readonly label?: Label;
  /** What the output guard changed or saw, by kind and count. */
  readonly findings?: Readonly<Record<string, number>>;
  /** What the output guard did with the output, weakest first; absent where it left it as it was. */
  readonly actions?: readonly Action[];
  /** Where the output is marked as data: then it is one text, and this tells how to read it. */
  readonly spotlight?: Spotlight;
  readonly ms: number;
}

/** @throws {Refusal} `REQUEST_INVALID`, naming the first field that is wrong. */
export function parseCallProposal(input: JsonValue): CallProposal {
  return parseRequest(proposalSchema, input);
}

const proposalSchema: z.ZodType<CallProposal> = z.strictObject({
  tool: z.string().min(1).max(limits.toolNameChars),
  arguments: z
    .custom<JsonObject>((value) => isJsonObject(value as JsonValue), "not an object")
    .meta({ type: "object" }),
  approval: z.string().max(limits.idChars).exactOptional(),
});

/** The JSON Schema of a proposal. */
export function callProposalJsonSchema(): JsonObject {
  return z.toJSONSchema(proposalSchema, { io: "input", unrepresentable: "any" }) as JsonObject;
}

/**
 * Parses a request from outside with a schema; never coerces.
 *
 * @throws {Refusal} `REQUEST_INVALID`, naming the first field that is wrong.
 */
export function parseRequest<T>(schema: z.ZodType<T>, input: JsonValue): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // A misspelt key is why another one is missing, so it is told first.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const path = issue?.path.join(".") ?? "";
  const detail = `${path === "" ? "the body" : `\`${path}\``}: ${issue?.message ?? "invalid"}`;
  throw new Refusal("REQUEST_INVALID", detail.slice(0, limits.taskChars), { cause: parsed.error });
}
