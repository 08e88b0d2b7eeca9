import type { CallAnswer } from "../manifests/call.ts";

/**
 * Why there is no answer to give. `unreachable`: no or half an answer came; the request may have had
 * its effect. `timeout`: none came in time. `answer-invalid`: it is not what the protocol says.
 * `refused`: the gateway said no, and `answer` says why.
 */
export type GatewayErrorKind = "unreachable" | "timeout" | "answer-invalid" | "refused";

export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly kind: GatewayErrorKind;
  readonly answer: CallAnswer | undefined;

  constructor(
    kind: GatewayErrorKind,
    message: string,
    more: { readonly cause?: unknown; readonly answer?: CallAnswer } = {},
  ) {
    super(message, "cause" in more ? { cause: more.cause } : undefined);
    this.kind = kind;
    this.answer = more.answer;
  }
}
