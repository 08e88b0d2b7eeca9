import { createServer, type Server } from "node:net";
import { isJsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import type { Readiness, Wall } from "../sandbox.ts";
import { innerWalls } from "./inner-walls.ts";
import { type Jail, jailCommand } from "./jail.ts";
import { outerWalls } from "./outer-walls.ts";
import { spawnJailed } from "./spawn-jailed.ts";
import { firstChild } from "./worker-process.ts";
import { workerSource } from "./worker-source.ts";

/**
 * Sends a probe into the jail that tries to get out, and measures each wall, from inside and from
 * outside. The tier is offered where every wall holds.
 */
export async function probeJail(): Promise<Readiness> {
  const server = await listen();
  try {
    const { port } = server.address() as { port: number };
    const aims = [port, limits.workerProcesses * 2, limits.workerAddressSpaceBytes];
    const jail = jailCommand(workerSource("probe"), aims.map(String));
    const walls = jail
      ? await measure(jail)
      : [missing("this system lacks util-linux or is no Linux")];
    return { tier: "isolate", offered: walls.every(({ floor, holds }) => holds || !floor), walls };
  } finally {
    server.close();
  }
}

/** Something that a process with a network could reach. */
function listen(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function measure(jail: Jail): Promise<readonly Wall[]> {
  const child = spawnJailed(jail);
  const late = setTimeout(() => child.kill("SIGKILL"), limits.workerStartMs);
  let said = "";
  let complaint = "";
  let outer: readonly Wall[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    // While it still waits for its standard input to end, so that there is something to look at.
    if (outer.length === 0) outer = outerWalls(firstChild(child.pid ?? 0) ?? 0);
    said = (said + chunk.toString("utf8")).slice(0, saidChars);
    child.stdin.end();
  });
  child.stdin.on("error", () => {});
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(0, saidChars);
  });
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(late);
      const seen = parse(said);
      if (seen) resolve([...outer, ...innerWalls(seen)]);
      else resolve([missing(complaint.trim() || "the probe said nothing")]);
    };
    child.once("close", end);
    child.once("error", end);
  });
}

const saidChars = 4_096;

function parse(said: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const seen = parseStrictJson(said);
    return isJsonObject(seen) ? seen : undefined;
  } catch {
    return undefined;
  }
}

function missing(measured: string): Wall {
  return { name: "the jail can be built", floor: true, holds: false, measured };
}
