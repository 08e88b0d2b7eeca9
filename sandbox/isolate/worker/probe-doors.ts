import { constants, fstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect, type NetConnectOpts } from "node:net";
import type { Aims } from "../proof/probe-aims.ts";
import { attempt, attempts } from "./probe-attempt.ts";
import { tryFloods } from "./probe-floods.ts";
import { tryOpening } from "./probe-writes.ts";

/** Goes for each aim, and says of each what it met: names of errors, or what it got. */
export async function tryDoors(aims: Aims): Promise<Record<string, string>> {
  return {
    network: await reach({ port: aims.port, host: "127.0.0.1" }),
    elsewhere: await reach({ port: 9, host: nobodysAddress }),
    socketName: await reach({ path: aims.name }),
    socketFile: await reach({ path: aims.path }),
    // biome-ignore lint/style/noProcessEnv: that there is none is to be shown.
    environment: Object.keys(process.env).join(" "),
    user: `${process.getuid?.()} ${process.geteuid?.()} ${process.getgid?.()}`,
    privileges: tryRising(),
    tree: readdirSync("/").sort().join(" "),
    reading: attempts(aims.files, (path) => readFileSync(path)),
    processList: attempt(() => readdirSync("/proc")),
    writing: tryOpening([...places(), ...aims.files]),
    // Signal 0 says whether there is anybody, and does nothing.
    signals: attempt(() => process.kill(-1, 0)),
    held: held(aims.descriptors),
    machineCode: typeof (globalThis as { WebAssembly?: unknown }).WebAssembly,
    ...(await tryFloods(aims)),
  };
}

/** Kept for documentation: no machine has it, so nothing is sent anywhere where a wall is missing. */
const nobodysAddress = "203.0.113.1";

const reachMs = 1_000;

function reach(place: NetConnectOpts): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...place, timeout: reachMs });
    const end = (what: string): void => {
      socket.destroy();
      resolve(what);
    };
    socket.once("connect", () => end("connected"));
    socket.once("timeout", () => end("sent"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) => end(code ?? "failed"));
  });
}

function tryRising(): string {
  const ways = [
    () => process.setuid?.(0),
    () => process.seteuid?.(0),
    () => process.setgid?.(0),
    () => process.setgroups?.([0]),
  ];
  return attempts(ways, (way) => way());
}

/** Every folder that it sees, and those that processes usually may write to. */
function places(): readonly string[] {
  const seen = readdirSync("/").map((name) => `/${name}`);
  return ["", "/tmp", "/var/tmp", "/dev/shm", "/run", "/proc", "/app/node", ...seen];
}

/**
 * Descriptors that lead to anything that outlives this process. Its own are pipes and counters, and
 * the folder that it stands in, which is the root of what it sees.
 */
function held(most: number): string {
  const numbers = Array.from({ length: most }, (_, fd) => fd);
  return String(numbers.filter((fd) => fd > 2 && isForeign(fd)).length);
}

function isForeign(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    const root = statSync("/");
    const isRoot = stat.dev === root.dev && stat.ino === root.ino;
    return !isRoot && !stat.isFIFO() && (stat.mode & constants.S_IFMT) !== 0;
  } catch {
    // Nothing is open under this number.
    return false;
  }
}
