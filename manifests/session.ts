import { z } from "zod";
import { parseRequest } from "./call.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Label } from "./label.ts";
import { limits } from "./limits.ts";
import { type Permissions, permissionsSchema } from "./permissions.ts";
import { type Plan, planSchema } from "./plan.ts";

/** What a host asks for when it opens a session: the body of `POST /v1/sessions`. */
export interface SessionRequest {
  /** Whom the session acts for; policies name it. */
  readonly principal: string;
  readonly groups: readonly string[];
  /** What the user said. Provenance trusts this text, so only a host can write it. */
  readonly task: string;
  /** A session of the same principal whose labels and limits this one inherits. */
  readonly parent?: string;
  /** The tools this session may see; all that policy allows where it is left out. */
  readonly tools?: readonly string[];
  /** A ceiling under each tool's own. */
  readonly permissions?: Permissions;
  /** Every effect that the session means to have; without one, policies alone hold. */
  readonly plan?: Plan;
  readonly budget: SessionBudget;
  readonly seconds: number;
}

/** What all calls of one session may use together. */
export interface SessionBudget {
  readonly calls: number;
  /** Bytes of arguments and outputs. */
  readonly bytes: number;
  /** Seconds that tools ran, wall time. */
  readonly seconds: number;
}

/** A session as the gateway knows it. The store is its truth; this is a view of one moment. */
export interface Session extends SessionRequest {
  readonly id: string;
  readonly openedAt: number;
  readonly expiresAt: number;
  /** What has been read so far; only rises. */
  readonly label: Label;
  /** Rises by one whenever `label` or what the user said changes; `admit` compares it. */
  readonly epoch: number;
}

const principalPattern = /^[A-Za-z0-9][A-Za-z0-9._@:+-]*$/;
const principal = z
  .string()
  .max(limits.principalChars)
  .regex(principalPattern, "letters, digits and `._@:+-`");

const sessionSchema: z.ZodType<SessionRequest> = z.strictObject({
  principal,
  groups: z.array(principal).max(limits.groupsPerSession).default([]),
  task: z.string().max(limits.taskChars).default(""),
  parent: z.string().max(limits.idChars).exactOptional(),
  tools: z
    .array(z.string().max(limits.toolNameChars))
    .max(limits.toolsPerDeployment)
    .exactOptional(),
  permissions: permissionsSchema("fixed").exactOptional(),
  plan: planSchema.exactOptional(),
  budget: z
    .strictObject({
      calls: z.int().min(1).max(limits.sessionCallsCeiling).default(limits.sessionCalls),
      bytes: z.int().min(1).max(limits.sessionBytesCeiling).default(limits.sessionBytes),
      seconds: z
        .int()
        .min(1)
        .max(limits.sessionRunSecondsCeiling)
        .default(limits.sessionRunSeconds),
    })
    .prefault({}),
  seconds: z.int().min(1).max(limits.sessionSecondsCeiling).default(limits.sessionSeconds),
});

/** @throws {Refusal} `REQUEST_INVALID`. */
export function parseSessionRequest(input: JsonValue): SessionRequest {
  return parseRequest(sessionSchema, input);
}

const turnSchema: z.ZodType<{ readonly text: string }> = z.strictObject({
  text: z.string().min(1).max(limits.taskChars),
});

/** @throws {Refusal} `REQUEST_INVALID`. */
export function parseTurn(input: JsonValue): string {
  return parseRequest(turnSchema, input).text;
}

/** The JSON Schemas of what hosts send. */
export function sessionRequestJsonSchema(): JsonObject {
  return z.toJSONSchema(sessionSchema, { io: "input" }) as JsonObject;
}

export function turnJsonSchema(): JsonObject {
  return z.toJSONSchema(turnSchema, { io: "input" }) as JsonObject;
}
