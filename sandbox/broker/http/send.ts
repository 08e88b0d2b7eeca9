import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { DoorContext } from "../door-context.ts";
import { decideDestination } from "./destination.ts";
import { exchange } from "./exchange.ts";
import { counter, type Line } from "./line.ts";
import type { ReadDeps } from "./read-body.ts";
import { type EmptiedRequest, putValues, refuseInTheClear } from "./secrets-in-request.ts";

export interface Sending<T> {
  readonly context: DoorContext;
  /** Ends it before the call's own signal does. */
  readonly signal: AbortSignal;
  /** Learns the address, the secrets and the bytes. */
  readonly line: Line;
  /** Where both bodies are streams. */
  readonly stream?: Stream;
  /** Of the answer, what is wanted. */
  use(response: IncomingMessage, deps: ReadDeps): Promise<T>;
}

export interface Stream {
  /** Sent in the place of the request's body, as the headers say. */
  readonly upload?: Readable;
  /** Of both bodies together. */
  readonly mostBytes: number;
  /** Nothing crosses the wire for so long: it is given up. */
  readonly mostIdleMs: number;
}

/**
 * The one way out of both doors: decides where the request goes, pins the address, puts secrets in
 * their places, and dials.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `SECRET_UNAVAILABLE`.
 */
export async function send<T>(request: EmptiedRequest, sending: Sending<T>): Promise<T> {
  const { context, signal, line, stream, use } = sending;
  const { grant, hosts, resolve, secrets, authorities } = context;
  const options = { permissions: grant.permissions.net, hosts, resolve, signal };
  const destination = await decideDestination(request.url, request.method, options);
  line.address = destination.address;
  refuseInTheClear(request, destination);
  const filled = await putValues(request, secrets, signal);
  if (request.secrets.length > 0) line.secrets = request.secrets.map(({ name }) => name);
  const { method } = request;
  const outgoing = { destination, method, ...filled, body: stream?.upload ?? filled.body };
  const count = counter(line, stream?.mostBytes ?? Number.POSITIVE_INFINITY);
  const deps = { signal, authorities, idleMs: stream?.mostIdleMs, count };
  return await exchange(outgoing, deps, (response) => use(response, deps));
}
