import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { Refusal, refusalEntry } from "../../manifests/refusals.ts";

/** What goes back over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or nothing at all. */
  readonly text: string;
}

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    text: JSON.stringify(body),
  };
}

export function emptyAnswer(status: number): Answer {
  return { status, headers: {}, text: "" };
}

/** How a call ended: its output, or an RFC 9457 document that says why there is none. */
export function callAnswer(answer: CallAnswer): Answer {
  if (answer.status === "completed") return jsonAnswer(200, answer);
  const { id, tool, status: state, approval, ms } = answer;
  const members = {
    instance: `urn:ringward:call:${id}`,
    call: id,
    tool,
    state,
    ...(approval !== undefined && { approval }),
    ms,
  };
  return problemAnswer(refusalOfAnswer(answer), members);
}

function refusalOfAnswer(answer: CallAnswer): Refusal {
  const { code = "OUTCOME_UNKNOWN", detail, ring, retryAfterSeconds } = answer;
  return new Refusal(code, detail, {
    ...(ring !== undefined && { ring }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/** A refusal as an RFC 9457 document; `members` stand beside the usual ones. */
export function problemAnswer(refusal: Refusal, members: JsonObject = {}): Answer {
  const { code, ring, message: detail } = refusal;
  const { status, says: title, mend } = refusalEntry(code);
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headersOf(refusal) },
    text: JSON.stringify({
      type: `urn:ringward:refusal:${code}`,
      title,
      status,
      detail,
      code,
      ring,
      mend,
      ...members,
    }),
  };
}

function headersOf({ code, retryAfterSeconds }: Refusal): Record<string, string> {
  return {
    ...(retryAfterSeconds !== undefined && { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    ...(code === "UNAUTHENTICATED" && { "www-authenticate": "Bearer" }),
  };
}
