import { Refusal, type RefusalCode } from "../../manifests/refusals.ts";

/** Whatever was thrown on the way to an answer, as a refusal. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const known = typeof code === "string" ? frameworkCodes[code] : undefined;
  if (known !== undefined) return new Refusal(known, undefined, { cause: error });
  const isTheirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return new Refusal(isTheirs ? "HTTP_INVALID" : "INTERNAL", undefined, { cause: error });
}

/** What Fastify and Node's HTTP server say. Anything else they find wrong is `HTTP_INVALID`. */
const frameworkCodes: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_BIG",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "MEDIA_TYPE",
  HPE_HEADER_OVERFLOW: "BODY_TOO_BIG",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
};

/** For what goes wrong before there is a request: Node's parser gave up on the connection. */
export function refusalOfClientError(error: unknown): Refusal {
  const refusal = refusalOf(error);
  if (refusal.code !== "INTERNAL") return refusal;
  return new Refusal("HTTP_INVALID", undefined, { cause: error });
}
