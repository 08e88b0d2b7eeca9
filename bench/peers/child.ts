import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { canary } from "./peer.ts";

export type Child = ChildProcessByStdio<Writable, Readable, null>;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A peer's process; what it complains of is not kept. */
export function startChild({ file, args, env = {} }: Command): Child {
  return spawn(file, args, {
    env: { PATH: process.env["PATH"], [canary.name]: canary.value, ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
}

/** Asks by closing its input, and kills what does not end by itself. */
export async function endChild(child: Child, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.stdin.end();
  const late = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await exit;
  clearTimeout(late);
}
