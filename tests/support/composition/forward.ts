import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A port of all addresses or of loopback, or a path. */
export type End = { readonly port: number; readonly host: string } | { readonly path: string };

/** Passes each connection on. Resolves when it listens. */
export async function forward(from: End, to: End): Promise<Server> {
  const server = createServer((inner) => join(inner, connect(to))).listen(from);
  await once(server, "listening");
  return server;
}

function join(one: Socket, other: Socket): void {
  for (const [source, sink] of [
    [one, other],
    [other, one],
  ] as const) {
    source.pipe(sink);
    source.on("error", () => {}).once("close", () => sink.destroy());
  }
}
