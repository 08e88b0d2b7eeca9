import type { IncomingMessage } from "node:http";
import type { HttpMethod } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { CallSecrets } from "../secrets/secrets.ts";
import { type ReadDeps, readBody } from "./read-body.ts";

/** An answer of which every byte has arrived. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** @throws {Refusal} `EGRESS_FAILED`. */
export async function readAnswer(
  method: HttpMethod,
  response: IncomingMessage,
  deps: ReadDeps,
): Promise<Answer> {
  return {
    status: response.statusCode ?? 0,
    headers: plainHeaders(response),
    body: hasBody(method, response) ? await readBody(response, deps) : Buffer.alloc(0),
  };
}

/** Without a body a packed one would look cut off. */
export function hasBody(method: HttpMethod, { statusCode }: IncomingMessage): boolean {
  return method !== "HEAD" && statusCode !== 204 && statusCode !== 304;
}

/** What the tool is given of an answer. */
export interface AnswerText extends Omit<Answer, "body"> {
  readonly body: string;
}

/** @throws {Refusal} `EGRESS_DENIED` for an answer that leads on to an address with a secret in it. */
export function withoutValues(answer: AnswerText, secrets: CallSecrets): AnswerText {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(answer.headers)) {
    headers[secrets.redact(name)] = secrets.redact(value);
  }
  if (leadsOn(answer) && headers["location"] !== answer.headers["location"]) {
    throw new Refusal("EGRESS_DENIED", "a redirect would carry a secret on");
  }
  return { ...answer, headers, body: secrets.redact(answer.body) };
}

/** Where a redirect leads. */
export function leadsOn({ status, headers }: Omit<Answer, "body">): string | undefined {
  return redirects.includes(status) ? headers["location"] : undefined;
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** One value a name, in a form that JSON carries; bounded by the parser's own limit. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      plain[name] = (Array.isArray(value) ? value.join(", ") : value).toWellFormed();
  }
  // Of what was packed: it is not the body's, and tells what is in it before it is redacted.
  if ("content-encoding" in plain) delete plain["content-length"];
  return plain;
}
