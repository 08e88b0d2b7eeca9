import type { JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import { parseStrictJson } from "../manifests/strict-json.ts";
import { GatewayError } from "./gateway-error.ts";

export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the base URL, beginning with `/`. */
  readonly path: string;
  readonly body?: JsonValue;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  /** Absent where the answer has none. */
  readonly body: JsonValue | undefined;
  /** An RFC 9457 document. */
  readonly isProblem: boolean;
  readonly retryAfterSeconds: number | undefined;
}

/** One exchange with the gateway: sent once, bounded in time and size, parsed strictly. */
export type Send = (request: Request) => Promise<Reply>;

export interface SendOptions {
  /** Such as `http://127.0.0.1:8700`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly fetch: typeof fetch;
}

/**
 * The exchange rejects with a `GatewayError`, or with the reason of the request's own signal.
 *
 * @throws {TypeError} where `baseUrl` is no URL.
 */
export function createSend(options: SendOptions): Send {
  const base = new URL(options.baseUrl).href.replace(/\/$/, "");
  return async (request) => {
    const deadline = AbortSignal.timeout(limits.answerMs);
    const signal = AbortSignal.any([deadline, ...(request.signal ? [request.signal] : [])]);
    try {
      const response = await options.fetch(
        `${base}${request.path}`,
        init(request, options, signal),
      );
      return await readReply(response);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw failure(error, deadline.aborted);
    }
  };
}

function init(request: Request, { token }: SendOptions, signal: AbortSignal): RequestInit {
  const { method, body, headers } = request;
  return {
    method,
    signal,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // The token is for this gateway, not for wherever an answer points.
    redirect: "error",
  };
}

async function readReply(response: Response): Promise<Reply> {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  const bytes = await readBounded(response);
  const isProblem = type === "application/problem+json";
  const isJson = isProblem || type === "application/json";
  if (bytes.length > 0 && !isJson) {
    throw new GatewayError("answer-invalid", `the answer ${response.status} is not JSON`);
  }
  return {
    status: response.status,
    body: bytes.length > 0 ? parseStrictJson(bytes) : undefined,
    isProblem,
    retryAfterSeconds: readRetryAfter(response),
  };
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > limits.answerBytes) {
      throw new GatewayError("answer-invalid", `the answer is over ${limits.answerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The gateway sends seconds; the other form, a date, is for clocks that agree. */
function readRetryAfter(response: Response): number | undefined {
  const text = response.headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function failure(error: unknown, isLate: boolean): GatewayError {
  if (error instanceof GatewayError) return error;
  if (isLate) {
    return new GatewayError("timeout", `no answer in ${limits.answerMs} ms`, { cause: error });
  }
  if (error instanceof Refusal) {
    return new GatewayError("answer-invalid", `the answer is ${error.message}`, { cause: error });
  }
  return new GatewayError("unreachable", "the gateway cannot be reached", { cause: error });
}
