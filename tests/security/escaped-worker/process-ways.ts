import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import type { Ways } from "./ways.ts";

export const processWays: Ways = {
  // Before there are children of its own.
  "signals: to everybody": () => signalled(-1),
  "signals: to the gateway": ({ gatewayPid }) => signalled(gatewayPid),
  "signals: to another worker": ({ otherWorkerPid }) => signalled(otherWorkerPid),
  "signals: to its parent": () => signalled(parent()),
  "signals: the gateway's inspector": ({ gatewayPid }) => debugged(gatewayPid),
  "memory: of another worker": ({ otherWorkerPid }) => readMemory(otherWorkerPid),
  "memory: of the gateway": ({ gatewayPid }) => readMemory(gatewayPid),
  "memory: more than its limit": ({ addressSpaceBytes }) =>
    new Uint8Array(addressSpaceBytes).fill(1).length,
  "memory: shared with anybody": () => fs.readdirSync("/dev/shm"),
  "memory: machine code": () => machineCode(),
  "memory: an addon of its own": () => process.dlopen({ exports: {} }, "/tmp/evil.node"),
  "processes: a shell": () => started("/bin/sh", ["-c", "id"]),
  "processes: a program of the system": () => started("/usr/bin/id", []),
  "processes: Node without its flags": () => jitOfChild(),
  "processes: the loader": () => started("/lib64/ld-linux-x86-64.so.2", ["/bin/sh", "-c", "id"]),
  "processes: more than its limit": ({ processes }) => breed(processes * 2),
};

function started(file: string, args: readonly string[]): string {
  const { error, status, stdout } = spawnSync(file, args, { encoding: "utf8", timeout: 2_000 });
  if (error) throw error;
  if (status !== 0) throw new Error(`ended with ${status}`);
  return stdout;
}

/** A second Node may be had where processes may; it is in the same walls, as the first way shows. */
function jitOfChild(): string {
  const code = "require('node:fs').writeFileSync('/app/x', 'x')";
  return started(process.execPath, ["--eval", code]);
}

async function breed(wanted: number): Promise<string> {
  const born = await Promise.all(
    Array.from({ length: wanted }, () => {
      const child = spawn(process.execPath, ["--eval", "setTimeout(() => {}, 2000)"]);
      return new Promise<number>((resolve) => {
        child.once("spawn", () => resolve(1));
        child.once("error", () => resolve(0));
      });
    }),
  );
  const count = born.reduce((sum, one) => sum + one, 0);
  if (count < wanted / 2) throw new Error("bounded");
  return `${count} processes`;
}

function parent(): number {
  if (process.ppid === 0) throw new Error("nobody");
  return process.ppid;
}

/** Signal 0 asks whether one may. */
function signalled(pid: number): string {
  return String(process.kill(pid, 0));
}

function debugged(pid: number): string {
  (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
  return "debugged";
}

function readMemory(pid: number): string {
  const maps = fs.readFileSync(`/proc/${pid}/maps`, "latin1");
  const start = Number.parseInt(maps, 16);
  const bytes = Buffer.alloc(16);
  fs.readSync(fs.openSync(`/proc/${pid}/mem`, "r"), bytes, 0, 16, start);
  return bytes.toString("hex");
}

function machineCode(): string {
  const { WebAssembly: compiler } = globalThis as { WebAssembly?: unknown };
  if (compiler === undefined) throw new Error("no compiler");
  return "a compiler";
}
