import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import type { Grant } from "../../manifests/grant.ts";
import { httpMethods, type NetPermission } from "../../manifests/permissions.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import type { BrokerOptions } from "../../sandbox/broker/door-context.ts";
import { createEgressProxy } from "../../sandbox/broker/proxy/create-egress-proxy.ts";
import type { EgressProxy, EgressSocket } from "../../sandbox/broker/proxy/egress-proxy.ts";
import { type Net, net } from "./broker-fetch-fixtures.ts";
import { grantOf } from "./broker-fixtures.ts";

/** A proxy of a test, which takes each bug of ours for a failure. */
export function testProxy(t: Test): EgressProxy {
  const folder = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  chmodSync(folder, 0o755);
  const onBug = (error: unknown): void => void t.fail(`a bug: ${error}`);
  const proxy = createEgressProxy({ folder: join(folder, "egress"), onBug });
  t.teardown(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return proxy;
}

/** Smaller than they are, so that a test is soon over. */
export function lower(
  t: Test,
  changes: Partial<Record<keyof typeof containerLimits, number>>,
): void {
  for (const [name, value] of Object.entries(changes)) {
    t.intercept(containerLimits, name as keyof typeof containerLimits, {
      value: value as never,
      configurable: true,
    });
  }
}

/** One call of a sandbox that has a way out. */
export interface Way {
  readonly door: BrokerDoor;
  readonly socket: EgressSocket;
  /** Of the socket. */
  readonly path: string;
  readonly credential: string;
}

export interface Wanted {
  readonly grant?: Partial<Grant>;
  readonly net?: readonly NetPermission[];
  readonly broker?: Partial<BrokerOptions>;
  readonly signal?: AbortSignal;
}

const hosts = { "tool.test": "127.0.0.1", "other.test": "127.0.0.1", "private.test": "10.0.0.1" };

/** A call that has been let in. */
export async function wayOut(t: Test, wanted: Wanted): Promise<Way> {
  const socket = await testProxy(t).open("0".repeat(32));
  return admitted(t, socket, wanted);
}

export function admitted(t: Test, socket: EgressSocket, wanted: Wanted): Way {
  const { grant, net = [], broker, signal = new AbortController().signal } = wanted;
  const permissions = { net, fs: [] };
  const door = createBroker({
    ...{ workspace: "/nonexistent", hosts, protectedPaths: [], ...broker },
  }).open(grantOf({ permissions, ...grant }), signal);
  t.teardown(() => door.close());
  const credential = socket.admit(door);
  return { door, socket, path: join(socket.folder, "proxy.sock"), credential };
}

/** What one port of loopback may be asked under the name `tool.test`. */
export function plain(port: number, changes: Partial<NetPermission> = {}): NetPermission {
  return {
    ...{ scheme: "http", host: "tool.test", ports: [port], methods: ["GET", "HEAD", "POST"] },
    ...{ path: "/", addresses: ["127.0.0.0/8"], ...changes },
  };
}

/** The same for TLS that goes through unread. */
export function tunnelled(port: number, changes: Partial<NetPermission> = {}): NetPermission {
  return plain(port, { scheme: "https", methods: [...httpMethods], tunnel: true, ...changes });
}

/** The line that lets a request in. */
export function credentialLine({ credential }: Pick<Way, "credential">): string {
  return `Proxy-Authorization: Basic ${Buffer.from(`call:${credential}`).toString("base64")}`;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly target: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request as an ordinary client makes it. */
export async function ask(way: Pick<Way, "path" | "credential">, asked: Asked): Promise<Told> {
  const { target, method = "GET", headers = {}, body } = asked;
  const [name = "", value = ""] = credentialLine(way).split(": ");
  const host = URL.parse(target)?.host ?? "ringward";
  const sent = request({
    ...{ socketPath: way.path, path: target, method, agent: false },
    headers: { host, [name]: value, ...headers },
  });
  sent.end(body);
  const [response] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("latin1");
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

/** The code of a refusal, or `done`. */
export function codeOfTold({ status, headers, body }: Told): string {
  const isRefusal = status >= 400 && headers["content-type"] === "application/json";
  return isRefusal ? String(JSON.parse(body).code) : "done";
}

/** Resolves when nothing comes any more, whatever ended it. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

/** A connection on which a test says just what it wants to. */
export class Line {
  readonly socket: Socket;
  #heard = "";

  constructor(t: Test, path: string) {
    this.socket = connect(path);
    this.socket.on("error", () => undefined);
    this.socket.on("data", (chunk: Buffer) => {
      this.#heard += chunk.toString("latin1");
    });
    t.teardown(() => this.socket.destroy());
  }

  say(text: string | Buffer): this {
    this.socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
    return this;
  }

  /** Waits until something is heard in which this stands; what is left out of it stays. */
  async hear(text: string): Promise<void> {
    while (!this.#heard.includes(text)) await once(this.socket, "data");
  }

  /** All that was said until the other side ended. */
  async all(): Promise<string> {
    await closed(this.socket);
    return this.#heard;
  }
}

/** What the proxy says to these bytes, until it ends the connection. */
export function exchangeBytes(t: Test, path: string, bytes: string | Buffer): Promise<string> {
  return new Line(t, path).say(bytes).all();
}

/** A server on loopback, and a call that may ask it. */
export interface Place {
  readonly at: Net;
  readonly way: Way;
}

export async function place(t: Test): Promise<Place> {
  const at = await net(t, (_, response) => response.end("reached"));
  return { at, way: await wayOut(t, { net: [plain(at.port)] }) };
}

/** What has to be known of a place to speak of it. */
export interface Spot {
  readonly at: Pick<Net, "port" | "url">;
  readonly way: Pick<Way, "credential">;
}

/** The head of an ordinary request, with its last line open for more. */
export function head({ at, way }: Spot, target = `${at.url}/`): string {
  return `GET ${target} HTTP/1.1\r\nHost: tool.test:${at.port}\r\n${credentialLine(way)}\r\n`;
}

/** Of the first answer in these bytes. */
export function statusOf(answer: string): string {
  return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "nothing";
}
