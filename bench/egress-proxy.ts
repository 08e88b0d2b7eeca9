import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Grant } from "../manifests/grant.ts";
import { httpMethods } from "../manifests/permissions.ts";
import type { BrokerDoor } from "../sandbox/broker/broker.ts";
import { createBroker } from "../sandbox/broker/create-broker.ts";
import { createEgressProxy } from "../sandbox/broker/proxy/create-egress-proxy.ts";
import type { EgressSocket } from "../sandbox/broker/proxy/egress-proxy.ts";

/** One call that may go out. */
export interface WayOut {
  /** Absolute path. */
  readonly socket: string;
  readonly credential: string;
}

/** What the bench asks for: so many calls, which may reach these ports of loopback. */
export interface Wanted {
  readonly calls: number;
  readonly plainPort: number;
  readonly tlsPort: number;
}

interface Call {
  readonly door: BrokerDoor;
  readonly socket: EgressSocket;
}

/** The way out of containers, in a process of its own, as the gateway is one. */
const folder = mkdtempSync(join(tmpdir(), "ringward-bench-"));
const broker = createBroker({
  workspace: folder,
  hosts: { "bench.test": "127.0.0.1" },
  protectedPaths: [],
});
const proxy = createEgressProxy({ folder: join(folder, "egress"), onBug: report });
const calls: Call[] = [];

process.on(
  "message",
  (word: string) => void open(JSON.parse(word)).then((ways) => process.send?.(ways)),
);
process.on("disconnect", () => void close());
process.send?.({});

/** New ones in the place of those before. */
async function open({ calls: count, plainPort, tlsPort }: Wanted): Promise<readonly WayOut[]> {
  await closeCalls();
  const grant = grantFor(plainPort, tlsPort);
  return await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const socket = await proxy.open(at.toString(16).padStart(32, "0"));
      const door = broker.open(grant, new AbortController().signal);
      calls.push({ door, socket });
      return { socket: join(socket.folder, "proxy.sock"), credential: socket.admit(door) };
    }),
  );
}

async function closeCalls(): Promise<void> {
  await Promise.all(
    calls.splice(0).map(async ({ door, socket }) => {
      await door.close();
      await socket.close();
    }),
  );
}

async function close(): Promise<void> {
  await closeCalls();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

function report(error: unknown): never {
  throw error;
}

function grantFor(plainPort: number, tlsPort: number): Grant {
  const none = "0".repeat(64);
  return {
    ...{ id: "grant", call: "call", session: "session", principal: "bench", tool: "bench.fetch" },
    ...{ toolPin: none, arguments: none, policyInput: none, bundle: none, secrets: [] },
    permissions: {
      net: [
        {
          ...{ scheme: "http", host: "bench.test", ports: [plainPort], methods: ["GET"] },
          ...{ path: "/", addresses: ["127.0.0.0/8"] },
        },
        {
          ...{ scheme: "https", host: "bench.test", ports: [tlsPort], methods: httpMethods },
          ...{ path: "/", addresses: ["127.0.0.0/8"], tunnel: true },
        },
      ],
      fs: [],
    },
    sandbox: { tier: "container", author: "operator", jit: false },
    limits: { wallMs: 60_000, cpuMs: 10_000, memoryMb: 64, outputKb: 64 },
    label: { integrity: "trusted", confidentiality: "public" },
    ...{ issuedAt: 0, expiresAt: 0, seed: "00".repeat(16) },
  };
}
