import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { holds, needleOf } from "../../manifests/reflection.ts";
import type { SecretPlace } from "../../manifests/secret.ts";
import { canary } from "./broker-secrets-fixtures.ts";
import type { Asked } from "./proxy-fixtures.ts";

/** What has to be known of a call with a secret to speak of it. */
export interface Holder {
  readonly at: { readonly url: string };
  readonly handle: string;
}

export type Reply = (response: ServerResponse, request: IncomingMessage) => unknown;

export const header: SecretPlace = { header: "authorization", prefix: "Bearer " };

/** Where a handle may stand: the place, the request, and what arrives. */
export const granted: Readonly<
  Record<string, readonly [SecretPlace, (at: Holder) => Asked, string]>
> = {
  "a header": [
    header,
    ({ at, handle }) => ({ target: at.url, headers: { authorization: handle } }),
    JSON.stringify(`Bearer ${canary}`),
  ],
  "the query": [
    { query: "key" },
    ({ at, handle }) => ({ target: `${at.url}/a?key=${handle}` }),
    `/a?${new URLSearchParams({ key: canary })} `,
  ],
  "the JSON body": [
    { json: "/token" },
    ({ at, handle }) => ({ target: at.url, method: "POST", body: `{"token":"${handle}"}` }),
    `{"token":${JSON.stringify(canary)}}`,
  ],
};

/** Where a handle may not be sent, by a call whose secret is bound to `authorization` there. */
export const misused: Readonly<Record<string, (way: Holder) => Asked>> = {
  "another host": ({ at, handle }) => ({
    target: at.url.replace("tool", "other"),
    headers: { authorization: handle },
  }),
  "another path": ({ at, handle }) => ({
    target: `${at.url}/other`,
    headers: { authorization: handle },
  }),
  "another method": ({ at, handle }) => ({
    ...{ target: `${at.url}/v1`, method: "POST", body: "x" },
    headers: { authorization: handle },
  }),
  "another header": ({ at, handle }) => ({ target: `${at.url}/v1`, headers: { "x-key": handle } }),
  "a header along with more": ({ at, handle }) => ({
    target: `${at.url}/v1`,
    headers: { authorization: `x ${handle}` },
  }),
  "a path": ({ at, handle }) => ({ target: `${at.url}/v1/${handle}` }),
  "a name that is not granted": ({ handle }) => ({ target: `http://${handle}.evil.test/` }),
  "the address of another protocol": ({ handle }) => ({ target: `http://x/#${handle}` }),
};

/** Bodies in which a handle is not whole, or not in its place. */
export const broken: Readonly<
  Record<string, readonly [(handle: string) => string | Buffer, string, string]>
> = {
  "in a form": [
    (handle) => `token=${handle}`,
    "application/x-www-form-urlencoded",
    "SECRET_MISUSED",
  ],
  "in parts of a form": [
    (handle) => `--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n${handle}\r\n--b--`,
    "multipart/form-data; boundary=b",
    "SECRET_MISUSED",
  ],
  "beside its place": [(handle) => `{"x":"${handle}"}`, "application/json", "SECRET_MISUSED"],
  "in a part of its place": [
    (handle) => `{"token":"a${handle}"}`,
    "application/json",
    "SECRET_MISUSED",
  ],
  "in two places": [
    (handle) => `{"token":"${handle}","x":"${handle}"}`,
    "application/json",
    "SECRET_MISUSED",
  ],
  "in base64": [
    (handle) => `{"token":"${Buffer.from(handle).toString("base64")}"}`,
    "application/json",
    "SECRET_MISUSED",
  ],
  "in gzip": [(handle) => gzipSync(`{"token":"${handle}"}`), "application/json", "EGRESS_DENIED"],
  "in what is no text": [
    (handle) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(handle)]),
    "application/octet-stream",
    "EGRESS_DENIED",
  ],
};

/** How a server says back what it was sent. */
export const reflections: Readonly<Record<string, Reply>> = {
  "its body": (response, { headers }) => response.end(`you sent ${headers.authorization}.`),
  "chunks of three bytes": (response) => {
    for (const part of canary.match(/.{1,3}/g) ?? []) response.write(part);
    response.end();
  },
  gzip: (response) => response.setHeader("content-encoding", "gzip").end(gzipSync(`a ${canary} b`)),
  base64: (response) => response.end(Buffer.from(`ab${canary}`).toString("base64")),
  "JSON with escapes": (response) =>
    response.end(
      `"${[...canary].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`,
    ),
  "bytes that are no text": (response) =>
    response.end(
      Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from(canary), Buffer.from([0xfe])]),
    ),
  "a header": (response) => response.setHeader("x-echo", `you sent ${canary}`).end(),
  "a cookie": (response) => response.setHeader("set-cookie", encodeURIComponent(canary)).end(),
  "the reason beside its status": (response) => response.writeHead(200, canary).end(),
  "an error page": (response) => response.writeHead(401).end(canary.replaceAll("&", "&amp;")),
};

/** Whether the secret stands anywhere in it, however it is spelled. */
export function saysCanary(told: object): boolean {
  return holds(JSON.stringify(told), [needleOf(canary, "")]);
}
