import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";

/** One request that an engine was sent. */
export interface EngineRequest {
  readonly method: string;
  readonly target: string;
  /** JSON; undefined where there was none. */
  readonly body: unknown;
}

export interface RecordingEngine {
  readonly socket: string;
  /** All requests so far, of all connections. */
  requests(): readonly EngineRequest[];
  /** Those that make something. */
  creations(): readonly EngineRequest[];
  /** Methods, and last segments of paths, that get a 500 and do not reach the engine, from now on. */
  readonly refused: Set<string>;
  /** The same of those at which the connection breaks. */
  readonly broken: Set<string>;
}

/** Stands before an engine, passes every byte on, and keeps what the engine was told. */
export async function recordEngine(t: Test, engine: string): Promise<RecordingEngine> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-recorder-"));
  const socket = join(folder, "docker.sock");
  const connections = new Set<Socket>();
  const told: Buffer[][] = [];
  const refused = new Set<string>();
  const broken = new Set<string>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const chunks: Buffer[] = [];
    told.push(chunks);
    const upstream = connect(engine);
    client.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (wordsOf(chunk).some((word) => broken.has(word))) client.destroy();
      else if (wordsOf(chunk).some((word) => refused.has(word))) client.end(refusal);
      else upstream.write(chunk);
    });
    client.on("end", () => upstream.end());
    upstream.pipe(client);
    endTogether(client, upstream, connections);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.teardown(() => close(server, connections).then(() => rmSync(folder, { recursive: true })));
  const requests = (): readonly EngineRequest[] =>
    told.flatMap((chunks) => parseRequests(Buffer.concat(chunks)));
  return {
    socket,
    requests,
    refused,
    broken,
    creations: () => requests().filter(({ target }) => target.startsWith("/containers/create")),
  };
}

function endTogether(client: Socket, upstream: Socket, connections: Set<Socket>): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    connections.add(one);
    one.on("error", () => other.destroy());
    one.on("close", () => {
      connections.delete(one);
      other.destroy();
    });
  }
}

/** Of a request: its method and the last segment of its path. */
function wordsOf(chunk: Buffer): readonly string[] {
  const [, method = "", last = ""] =
    /^([A-Z]+) [^ ?]*\/([^ ?/]+)[^ ]* HTTP/.exec(chunk.toString("latin1")) ?? [];
  return [method, last];
}

const said = JSON.stringify({ message: "out of order" });
const refusal = `HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: ${said.length}\r\n\r\n${said}`;

async function close(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const one of connections) one.destroy();
  await closed;
}

/** One behind the other; what follows an upgrade is a program's and none. */
function parseRequests(bytes: Buffer): EngineRequest[] {
  const requests: EngineRequest[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) return requests;
    const head = bytes.subarray(at, end).toString("latin1");
    const line = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/.exec(head);
    if (!line) return requests;
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = bytes.subarray(end + 4, end + 4 + length).toString();
    const [, method = "", target = ""] = line;
    requests.push({ method, target, body: body === "" ? undefined : JSON.parse(body) });
    at = end + 4 + length;
  }
}
