import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { denoFlags, startDenoProcess } from "./deno-process.ts";
import { startLinePeer } from "./line-peer.ts";
import type { Peer, RunningPeer } from "./peer.ts";
import { startWorkerd } from "./workerd.ts";

const folder = import.meta.dirname;
const fromHere = createRequire(import.meta.url);

const modules = join(folder, "node_modules");
const quickjsPackage = join(modules, "quickjs-emscripten");

/** The platform's packages bring the binaries; those that name them would copy them by a script. */
const denoPackage = join(modules, "@deno", `linux-${process.arch}-glibc`);
const workerdPackage = join(
  modules,
  "@cloudflare",
  `workerd-linux-${process.arch === "x64" ? "64" : process.arch}`,
);

/** Those that `npm ci --prefix bench/peers` would bring, or that this platform has no package of. */
export function missingPeers(): readonly string[] {
  return [quickjsPackage, denoPackage, workerdPackage].filter((path) => !existsSync(path));
}

/** Ringward first, what it is made of next, then the others. */
export function allPeers(): readonly Peer[] {
  return [...ringward(), ...bare(), ...others()];
}

function ringward(): readonly Peer[] {
  const version = versionOf(join(folder, "../../package.json"));
  const fresh = "an isolate, in a jailed process that its principal and tool keep for some calls";
  return [
    {
      name: "ringward",
      version,
      fresh,
      lacks: ["no unrecorded call: each waits until its intent and its outcome are durable"],
      start: (code) => startNode("ringward-gateway.js", code),
    },
    {
      name: "ringward-tier",
      version,
      fresh,
      lacks: ["no policy, guard, budget or record: those are the gateway's"],
      start: (code) => startNode("ringward-tier.js", code, ["operator"]),
    },
    {
      name: "ringward-tier-agent",
      version,
      fresh: "an isolate and a jailed process: the agent wrote the code",
      lacks: ["no policy, guard, budget or record: those are the gateway's"],
      start: (code) => startNode("ringward-tier.js", code, ["agent"]),
    },
  ];
}

function bare(): readonly Peer[] {
  return [
    {
      name: "isolated-vm",
      version: versionOf(fromHere.resolve("isolated-vm/package.json")),
      fresh: "an isolate",
      lacks: [
        "no process of its own: a fault of V8 is a fault of the host",
        "no way out at all until the host hands one in, and then no rule for it",
        ...noGateway,
      ],
      start: (code) => startNode("isolated-vm.js", code),
    },
    {
      name: "node:vm",
      version: process.versions.node,
      fresh: "a context",
      lacks: [
        "no walls: Node's own documentation says that it is no security mechanism",
        "no memory limit, no process, no heap of its own",
        "while a guest runs the host does nothing else",
        ...noGateway,
      ],
      start: (code) => startNode("node-vm.js", code),
    },
  ];
}

const noGateway = ["no policy, grant, label, budget or record"];

function others(): readonly Peer[] {
  return [
    ...(existsSync(quickjsPackage) ? [quickjs()] : []),
    ...(existsSync(denoPackage) ? deno() : []),
    ...(existsSync(workerdPackage) ? workerd() : []),
  ];
}

function quickjs(): Peer {
  return {
    name: "quickjs-emscripten",
    version: versionOf(join(quickjsPackage, "package.json")),
    fresh: "a runtime and a context, in the one WebAssembly memory of the host",
    lacks: [
      "no process of its own; while a guest runs the host does nothing else",
      "its memory limit counts eight bytes a block: large ones pass it",
      "no compiler: long computations take many times as long",
      ...noGateway,
    ],
    start: (code) => startNode("quickjs.js", code),
  };
}

function deno(): readonly Peer[] {
  const version = versionOf(join(denoPackage, "package.json"));
  const lacks = [
    "no limit of time, and of memory only what V8 is started with: the caller kills",
    "whoever breaks V8 has the caller's user, files and network: the permissions are the runtime's own",
    "permissions hold for a process or a worker, not for a call and its arguments",
    ...noGateway,
  ];
  const file = join(denoPackage, "deno");
  const hosted = join(folder, "hosts/deno-workers.js");
  const args = [...denoFlags, "--unstable-worker-options", hosted];
  return [
    {
      name: "deno-process",
      version,
      fresh: "a process",
      lacks,
      start: (code) => startDenoProcess(file, code),
    },
    {
      name: "deno-worker",
      version,
      fresh: "an isolate on a thread of its own, with its own permissions",
      lacks: ["all calls share one process", ...lacks],
      start: (code) => startLinePeer({ file, args }, code),
    },
  ];
}

function workerd(): readonly Peer[] {
  const version = versionOf(join(workerdPackage, "package.json"));
  const file = join(workerdPackage, "bin/workerd");
  const lacks = [
    "no limit of time or memory in the open-source server: a loop holds its thread until it is killed",
    "its own documentation says that it is no hardened sandbox; nothing stands around its process",
    ...noGateway,
  ];
  return [
    {
      name: "workerd",
      version,
      fresh: "nothing: one isolate serves all calls",
      lacks: ["the public network is open unless it is configured away", ...lacks],
      start: (code) => startWorkerd(file, code, "one"),
    },
    {
      name: "workerd-loader",
      version,
      fresh: "an isolate, by its experimental loader",
      lacks: [
        "its loader takes a limit of processor time, and the server does not keep it",
        ...lacks,
      ],
      start: (code) => startWorkerd(file, code, "each"),
    },
  ];
}

function startNode(
  host: string,
  code: string,
  words: readonly string[] = [],
): Promise<RunningPeer> {
  const args = ["--no-node-snapshot", join(folder, "hosts", host), ...words];
  return startLinePeer({ file: process.execPath, args }, code);
}

function versionOf(file: string): string {
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
  return version;
}
