import { refusalsOfDecisions } from "./refusals-of-decisions.ts";
import { refusalsOfRequests } from "./refusals-of-requests.ts";
import { refusalsOfRuns } from "./refusals-of-runs.ts";

/** The ten rings, outermost first. Every ring assumes that the one inside it is compromised. */
export const rings = [
  "door",
  "schema",
  "input",
  "provenance",
  "policy",
  "grant",
  "sandbox",
  "broker",
  "output",
  "record",
] as const;

export type Ring = (typeof rings)[number];

export interface RefusalEntry {
  readonly ring: Ring;
  /** HTTP status of the RFC 9457 document. */
  readonly status: number;
  /** OWASP Top 10 for Agentic Applications 2026, or `-` where the code is no security event. */
  readonly owasp: string;
  /** One sentence for the agent. It never names a rule, another tool or a secret. */
  readonly says: string;
  /** What would make the call pass. */
  readonly mend: string;
}

export type RefusalCode =
  | keyof typeof refusalsOfRequests
  | keyof typeof refusalsOfDecisions
  | keyof typeof refusalsOfRuns;

/**
 * The closed list of refusals: code → ring, HTTP status, OWASP Agentic Top 10 (2026) id or `-` where
 * the code is no security event, one sentence for the agent, and what would make the call pass.
 * A sentence never names a rule, another tool or a secret. `docs/errors.md` and the HTTP door are
 * held to this list by a test, both ways.
 */
const catalogue = { ...refusalsOfRequests, ...refusalsOfDecisions, ...refusalsOfRuns };

/** Every code, in the order of the rings. */
export const refusalCodes: readonly RefusalCode[] = Object.keys(catalogue) as RefusalCode[];

export function refusalEntry(code: RefusalCode): RefusalEntry {
  const [ring, status, owasp, says, mend] = catalogue[code];
  return { ring, status, owasp, says, mend };
}

export interface RefusalOptions {
  readonly cause?: unknown;
  /** Seconds after which trying again may help; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** The ring that refused, where it is another than the code's usual one. */
  readonly ring?: Ring;
}

/**
 * Nothing but a `Refusal` leaves Ringward as a refusal; anything else that is thrown is a bug and
 * becomes `INTERNAL`. Thrown by whatever cannot give the next stage what it needs. `message` is told to the agent: it
 * may name the argument, the limit and the measured value, never a rule, another tool or a secret.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly ring: Ring;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: RefusalCode, detail?: string, options: RefusalOptions = {}) {
    super(
      detail ?? refusalEntry(code).says,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.code = code;
    this.ring = options.ring ?? refusalEntry(code).ring;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(catalogue, text);
}
