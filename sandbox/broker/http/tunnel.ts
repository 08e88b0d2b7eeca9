import { connect, type Socket } from "node:net";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import { ClientHello } from "./client-hello.ts";
import { Deadline } from "./deadline.ts";
import {
  bareHost,
  canonicalUrl,
  type Destination,
  decideDestination,
  portOf,
} from "./destination.ts";
import { isSame, networkRefusal } from "./exchange.ts";
import { booked, counter, type Line, lineOf } from "./line.ts";
import { readProgramHeaders, refuseOtherHost } from "./program-headers.ts";
import type { ProgramRequest } from "./program-request.ts";
import { pump } from "./pump.ts";

export type TunnelRequest = Pick<ProgramRequest, "target" | "rawHeaders">;

/** Says yes to the program, and gives our end of the connection to it. */
export type Accept = () => Socket;

/**
 * TLS from a program to a host, unread but for its first words: they name the host that was judged,
 * or nothing is dialled. Resolves when both sides have ended.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `SECRET_MISUSED`, `CANCELLED`.
 */
export async function openTunnel(
  request: TunnelRequest,
  accept: Accept,
  context: DoorContext,
): Promise<void> {
  const line = lineOf("CONNECT", request.target);
  const deadline = new Deadline(containerLimits.egressMs, [context.signal]);
  const { signal } = deadline;
  try {
    const destination = await decide(request, line, { ...context, signal });
    signal.throwIfAborted();
    const client = accept();
    const stop = (): void => {
      // A program that ends leaves its connections as they are: nothing has failed.
      client.destroy(
        context.signal.aborted ? undefined : failed("the tunnel was open for too long"),
      );
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      await relay(client, destination, { context, line });
    } finally {
      signal.removeEventListener("abort", stop);
      client.destroy();
    }
    context.book({ ...line });
  } catch (error) {
    throw booked(line, context, error);
  } finally {
    deadline.release();
  }
}

async function decide(
  { target, rawHeaders }: TunnelRequest,
  line: Line,
  context: DoorContext,
): Promise<Destination> {
  const { grant, secrets, hosts, resolve, signal } = context;
  secrets.refuseHandles([target, ...rawHeaders].join("\n"));
  // Whoever was told a secret could say it back in there, and nobody would see it.
  if (grant.secrets.length > 0) throw denied("a call that has secrets opens no tunnel");
  const url = urlOf(target);
  refuseOddHead(url, rawHeaders);
  line.target = url.href;
  const options = { permissions: grant.permissions.net, hosts, resolve, signal };
  return await decideDestination(url, "CONNECT", options);
}

function urlOf(authority: string): URL {
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):[1-9][0-9]{0,4}$/i.test(authority)) {
    throw denied("a tunnel leads to a host and a port");
  }
  return canonicalUrl(`https://${authority}/`);
}

/** Only of HTTP/1.0 the head may lack a host. */
function refuseOddHead(url: URL, rawHeaders: readonly string[]): void {
  const { toProxy } = readProgramHeaders(rawHeaders);
  if (toProxy["host"] !== undefined) refuseOtherHost(url, toProxy);
  if ("content-length" in toProxy || "transfer-encoding" in toProxy) {
    throw denied("a tunnel begins without a body");
  }
}

interface Relaying {
  readonly context: DoorContext;
  readonly line: Line;
}

/** Whatever ends it ends the program's side; the host's goes with that. */
async function relay(
  client: Socket,
  destination: Destination,
  { context, line }: Relaying,
): Promise<void> {
  const count = counter(line, containerLimits.egressBytes);
  const hello = await hear(client, destination.url);
  line.address = destination.address;
  const host = await dial(client, destination);
  context.handIn({ integrity: "untrusted", confidentiality: "public" });
  count(hello.length);
  host.write(hello);
  const ways = [pump(client, host, count), pump(host, client, count)];
  const ends = await Promise.allSettled(ways);
  for (const end of ends) {
    if (end.status === "rejected" && end.reason instanceof Refusal) throw end.reason;
  }
}

/** The first words of the program, when they have named the host. */
async function hear(client: Socket, url: URL): Promise<Buffer> {
  const hello = new ClientHello();
  const stop = (): void => void client.destroy(failed("the first bytes took too long"));
  const late = setTimeout(stop, containerLimits.helloMs);
  try {
    // The connection is not over when this has heard enough.
    for await (const chunk of client.iterator({ destroyOnReturn: false })) {
      const name = hello.push(chunk);
      if (name?.toLowerCase() === bareHost(url)) return hello.bytes;
      if (name !== undefined) throw denied("the tunnel's first bytes name another host");
    }
    throw failed("the tunnel ended before it began");
  } catch (error) {
    throw error instanceof Refusal ? error : networkRefusal(error);
  } finally {
    clearTimeout(late);
  }
}

async function dial(client: Socket, { url, address }: Destination): Promise<Socket> {
  const host = connect({ host: address, port: portOf(url), allowHalfOpen: true });
  client.once("close", () => host.destroy(new Error("the program has left")));
  host.once("close", () => client.destroySoon());
  host.setTimeout(containerLimits.egressIdleMs, () => {
    client.destroy(failed("nothing came or went for too long"));
  });
  const connected = Promise.withResolvers<void>();
  host.once("connect", connected.resolve);
  // Stays: an error that nobody hears ends the process.
  host.on("error", (error) => connected.reject(networkRefusal(error)));
  await connected.promise;
  if (isSame(host.remoteAddress, address)) return host;
  throw denied("the connection led to another address");
}

function denied(detail: string): Refusal {
  return new Refusal("EGRESS_DENIED", detail);
}

function failed(detail: string): Refusal {
  return new Refusal("EGRESS_FAILED", detail);
}
