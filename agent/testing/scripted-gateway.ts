import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type RefusalCode, refusalEntry } from "../../manifests/refusals.ts";

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Parsed JSON, or `undefined` where there is none. */
  readonly body: unknown;
}

export interface Told {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ScriptedGateway {
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** A server on loopback that answers as `tell` says; `"hang up"` breaks the connection. */
export async function startScriptedGateway(
  tell: (asked: Asked) => Told | "hang up" | Promise<Told | "hang up">,
): Promise<ScriptedGateway> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void serve(request, response, { asked, tell });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, asked, close };
}

export function json(status: number, body: unknown): Told {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(body) };
}

/** A call that ended well, as the gateway answers it. */
export function completed(tool: string, output: unknown): Told {
  const label = { integrity: "untrusted", confidentiality: "internal" };
  return json(200, { status: "completed", id: "c-1", tool, output, tier: "isolate", label, ms: 3 });
}

/** The RFC 9457 document of a refusal; `more` replaces members and adds some. */
export function problem(code: RefusalCode, more: Readonly<Record<string, unknown>> = {}): Told {
  const { ring, status, says, mend } = refusalEntry(code);
  const document = {
    type: `urn:ringward:refusal:${code}`,
    title: says,
    status,
    detail: says,
    instance: "urn:ringward:call:c-1",
    ...{ code, ring, mend, call: "c-1", tool: "some.tool", state: "refused", ms: 1 },
    ...more,
  };
  return { status, type: "application/problem+json", body: JSON.stringify(document) };
}

interface Serving {
  readonly asked: Asked[];
  readonly tell: (asked: Asked) => Told | "hang up" | Promise<Told | "hang up">;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { asked, tell }: Serving,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { method = "", url: path = "", headers } = request;
  const one = { method, path, headers, body: text === "" ? undefined : JSON.parse(text) };
  asked.push(one);
  const told = await tell(one);
  if (told === "hang up") return void request.socket.destroy();
  const type = told.type === undefined ? {} : { "content-type": told.type };
  response.writeHead(told.status, { ...type, ...told.headers }).end(told.body);
}
