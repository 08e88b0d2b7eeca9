import { once } from "node:events";
import { Agent, type RequestOptions, request } from "node:http";
import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { psk, pskTls } from "./bare/psk-tls.ts";
import type { WayOut } from "./egress-proxy.ts";
import { median } from "./quantile.ts";
import { type ServerProcess, withServer } from "./server-process.ts";

export interface EgressBench {
  /**
   * Requests a second through a tunnel ÷ straight to the server, TLS in both, each call on one
   * connection that it keeps; the median round.
   */
  readonly egressRatio: number;
  readonly tunnelledPerSecond: number;
  readonly directTlsPerSecond: number;
  /** The same in plain HTTP, where the proxy judges each request; each has a connection of its own. */
  readonly egressJudgedRatio: number;
  readonly judgedPerSecond: number;
  readonly directPerSecond: number;
}

interface WebServer {
  readonly plainPort: number;
  readonly tlsPort: number;
}

/** Calls that go on at a time, requests of each, calls of one round. */
const atOnce = 4;
const requestsPerCall = 60;
const calls = 24;
const rounds = 5;

/** One client, one server, and the proxy between them or not: three processes. */
export function benchEgress(): Promise<EgressBench> {
  return withServer<WebServer, EgressBench>("bare/web-server.ts", (server) =>
    withServer<object, EgressBench>("egress-proxy.ts", (proxy) => measure(server.started, proxy)),
  );
}

interface Round {
  readonly direct: number;
  readonly judged: number;
  readonly directTls: number;
  readonly tunnelled: number;
}

async function measure(server: WebServer, proxy: ServerProcess<object>): Promise<EgressBench> {
  const seen: Round[] = [];
  // The first round warms all of them up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const figures = await oneRound(server, proxy);
    if (round > 0) seen.push(figures);
  }
  const of = (figure: (round: Round) => number): number => median(seen.map(figure));
  return {
    egressRatio: of(({ tunnelled, directTls }) => tunnelled / directTls),
    tunnelledPerSecond: of(({ tunnelled }) => tunnelled),
    directTlsPerSecond: of(({ directTls }) => directTls),
    egressJudgedRatio: of(({ judged, direct }) => judged / direct),
    judgedPerSecond: of(({ judged }) => judged),
    directPerSecond: of(({ direct }) => direct),
  };
}

async function oneRound(server: WebServer, proxy: ServerProcess<object>): Promise<Round> {
  const open = async (): Promise<readonly WayOut[]> =>
    await proxy.ask(JSON.stringify({ calls, ...server }));
  const { plainPort, tlsPort } = server;
  const none = Array.from({ length: calls });
  return {
    direct: await perSecond(none.map(() => single({ port: plainPort, path: "/page" }))),
    judged: await perSecond((await open()).map((way) => single(throughProxy(way, plainPort)))),
    directTls: await perSecond(none.map(() => kept(() => straight(tlsPort)))),
    tunnelled: await perSecond(
      (await open()).map((way) => kept(() => throughTunnel(way, tlsPort))),
    ),
  };
}

/** All requests of one call. */
type Call = () => Promise<void>;

async function perSecond(all: readonly Call[]): Promise<number> {
  const waiting = [...all];
  const startedAt = performance.now();
  const callAfterCall = async (): Promise<void> => {
    for (let call = waiting.shift(); call; call = waiting.shift()) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, callAfterCall));
  return (all.length * requestsPerCall * 1_000) / (performance.now() - startedAt);
}

/** Each request on a connection of its own, as programs have it that are started for one. */
function single(way: RequestOptions): Call {
  return async () => {
    for (let count = 0; count < requestsPerCall; count += 1) await ask({ ...way, agent: false });
  };
}

function throughProxy({ socket, credential }: WayOut, port: number): RequestOptions {
  return {
    socketPath: socket,
    path: `http://bench.test:${port}/page`,
    headers: { host: `bench.test:${port}`, "proxy-authorization": basic(credential) },
  };
}

/** All requests on one connection. */
function kept(open: () => Promise<TLSSocket>): Call {
  return async () => {
    const socket = await open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agent.createConnection = () => socket;
    for (let count = 0; count < requestsPerCall; count += 1) {
      await ask({ agent, path: "/page", headers: { host: "bench.test" } });
    }
    agent.destroy();
  };
}

async function straight(port: number): Promise<TLSSocket> {
  return await secured(connect(port, "127.0.0.1"));
}

async function throughTunnel(
  { socket: path, credential }: WayOut,
  port: number,
): Promise<TLSSocket> {
  const socket = connect(path);
  const target = `bench.test:${port}`;
  const credentials = `Proxy-Authorization: ${basic(credential)}`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n\r\n`);
  const [said] = await once(socket, "data");
  if (!String(said).startsWith("HTTP/1.1 200 ")) throw new Error(String(said));
  return await secured(socket);
}

async function secured(socket: ReturnType<typeof connect>): Promise<TLSSocket> {
  const secure = connectTls({
    ...{ socket, servername: "bench.test", checkServerIdentity: () => undefined, ...pskTls },
    pskCallback: () => ({ psk, identity: "bench" }),
  });
  await once(secure, "secureConnect");
  return secure;
}

function basic(credential: string): string {
  return `Basic ${Buffer.from(`call:${credential}`).toString("base64")}`;
}

function ask(way: RequestOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(way, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${response.statusCode}`));
      });
    });
    asked.on("error", reject).end();
  });
}
