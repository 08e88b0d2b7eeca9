import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Test } from "tap";
import type { CreateOptions } from "../../sandbox/container/profile/create-options.ts";

/** What takes a wall out of what the engine is told. */
export type Alter = (options: CreateOptions) => unknown;

/** Stands before an engine, and changes what is created; all else passes. Returns its socket. */
export async function alterEngine(t: Test, engine: string, alter: Alter): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-alter-"));
  const socket = join(folder, "docker.sock");
  const open = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    forward({ engine, incoming, outgoing, alter }).catch((error: Error) => {
      outgoing.destroy(error);
    });
  });
  server.on("connection", (one: Socket) => {
    open.add(one.on("close", () => open.delete(one)));
  });
  server.on("upgrade", (incoming, client: Socket) => {
    const upstream = connect({ path: engine, allowHalfOpen: true });
    client.allowHalfOpen = true;
    upstream.write(headOf(incoming));
    for (const one of [client, upstream]) one.on("error", () => undefined);
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.teardown(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const one of open) one.destroy();
    await closed;
    rmSync(folder, { recursive: true });
  });
  return socket;
}

interface Exchange {
  readonly engine: string;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly alter: Alter;
}

async function forward({ engine, incoming, outgoing, alter }: Exchange): Promise<void> {
  const { method, url = "", headers } = incoming;
  const said = await text(incoming);
  const isCreation = url.startsWith("/containers/create");
  const body = isCreation ? JSON.stringify(alter(JSON.parse(said) as CreateOptions)) : said;
  const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const { "transfer-encoding": _, ...kept } = headers;
  const asked = request({ socketPath: engine, method, path: url, headers: { ...kept, ...length } });
  asked.on("error", (error) => outgoing.destroy(error));
  asked.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
  });
  outgoing.on("close", () => asked.destroy());
  asked.end(body);
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, at) => {
    return at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [];
  });
  return `${[`${method} ${url} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`;
}
