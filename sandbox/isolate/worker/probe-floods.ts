import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Aims } from "../proof/probe-aims.ts";
import { attempt } from "./probe-attempt.ts";

/** Asks for more of everything than a worker may have; gives back what it got. */
export async function tryFloods(aims: Aims): Promise<Record<string, string>> {
  return {
    // Not touched, so that where it succeeds it costs the machine nothing.
    memory: attempt(() => new Uint8Array(aims.bytes)),
    descriptors: openMany(aims.descriptors),
    processes: await breed(aims.processes),
  };
}

/** How many descriptors it could have at once, and what ended it. */
function openMany(wanted: number): string {
  const opened: number[] = [];
  const met = attempt(() => {
    while (opened.length < wanted) opened.push(openSync(process.execPath, "r"));
  });
  for (const fd of opened) closeSync(fd);
  return `${opened.length} ${met}`;
}

/** How many processes it could have at once, and what ended it. They stop where they begin. */
async function breed(wanted: number): Promise<string> {
  const children: ChildProcess[] = [];
  let met = "done";
  while (met === "done" && children.length < wanted) {
    met = await begun(children);
  }
  for (const child of children) child.kill("SIGKILL");
  return `${children.length} ${met}`;
}

/** One that has ended before it is stopped takes nothing of the limit. */
const endless = "setInterval(() => {}, 1e9)";

async function begun(children: ChildProcess[]): Promise<string> {
  try {
    const child = spawn(process.execPath, ["--jitless", "--eval", endless], { stdio: "inherit" });
    await once(child, "spawn");
    child.kill("SIGSTOP");
    children.push(child);
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "failed";
  }
}
