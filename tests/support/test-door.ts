import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import type { Config } from "../../gateway/config/config.ts";
import { mintKey } from "../../gateway/credentials/secret-key.ts";
import type { DoorLimits } from "../../gateway/http/door.ts";
import { createLog } from "../../gateway/http/log.ts";
import type { Gateway } from "../../gateway/open-gateway.ts";
import { type Served, serve } from "../../gateway/serve.ts";
import type { KeyKind } from "../../gateway/store/store.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../manifests/json.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import { openTestGateway, type TestGateway } from "./test-gateway.ts";

/** A real gateway behind its two real listeners. */
export interface TestDoor extends TestGateway {
  readonly served: Served;
  /** A secret of each kind. The agent's acts for `alice`, in any of her sessions. */
  readonly keys: Readonly<Record<KeyKind, string>>;
  /** What the gateway logged, line by line. */
  readonly lines: readonly string[];
  readonly agents: Ask;
  readonly operators: Ask;
}

export type Ask = (method: string, path: string, more?: AskMore) => Promise<Reply>;

export interface AskMore {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: JsonValue;
  /** Sent as it is. */
  readonly text?: string | Buffer;
  /** Hangs up when it is aborted. */
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** An empty object where the answer has no body. */
  readonly body: JsonObject;
}

export interface DoorSettings {
  readonly config?: Partial<Record<keyof Config, unknown>>;
  readonly limits?: Partial<DoorLimits>;
  readonly behindProxy?: boolean;
}

export async function openTestDoor(t: Test, settings: DoorSettings = {}): Promise<TestDoor> {
  const { config = {}, behindProxy = false, limits = {} } = settings;
  const opened = await openTestGateway(t, config);
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  const served = await serve(opened.gateway, { log, behindProxy, limits });
  t.teardown(() => served.close());
  return {
    ...opened,
    served,
    lines,
    keys: await mintKeys(opened),
    agents: (method, path, more) => ask(new URL(path, served.agentsUrl), method, more),
    operators: (method, path, more) => ask(new URL(path, served.operatorsUrl), method, more),
  };
}

async function mintKeys({ gateway }: TestGateway): Promise<Record<KeyKind, string>> {
  const { clock, newId, store } = gateway.deps;
  const mint = async (kind: KeyKind, principal: string): Promise<string> => {
    const { key, secret } = mintKey({ kind, principal, id: newId("key"), now: clock.now() });
    await store.keys.add(key, "test");
    return secret;
  };
  return {
    host: await mint("host", "app"),
    agent: await mint("agent", "alice"),
    operator: await mint("operator", "olga"),
    auditor: await mint("auditor", "audrey"),
  };
}

function ask(url: URL, method: string, more: AskMore = {}): Promise<Reply> {
  const { token, headers = {}, json, signal } = more;
  const text = json === undefined ? more.text : JSON.stringify(json);
  const isSized = text !== undefined && headers["transfer-encoding"] === undefined;
  const all = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(json !== undefined && { "content-type": "application/json" }),
    ...(isSized && { "content-length": String(Buffer.byteLength(text)) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers: all, ...(signal && { signal }) };
    const request = httpRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve(replyOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
      });
    });
    request.on("error", reject);
    request.end(text);
  });
}

function replyOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Reply {
  const body = bytes.length > 0 ? parseStrictJson(bytes) : {};
  return { status, headers, text: bytes.toString(), body: isJsonObject(body) ? body : {} };
}

/** Sends bytes as they are, and resolves with all that came back when the connection has ended. */
export function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
}

/** Code for `js.run` that does not end by itself. */
export const endless = "for (;;) {}";

/** Resolves once a call of the session has been admitted and has not ended. */
export async function untilRunning({ deps }: Gateway, session: string): Promise<void> {
  while ((await deps.store.calls.list({ session, status: "running" })).length === 0) {
    await sleep(10);
  }
}
