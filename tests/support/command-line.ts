import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const script = join(import.meta.dirname, "..", "..", "bin", "ringward.js");

/** What a run of the suite keeps of compiled sources: hundreds of processes load the same ones. */
const cache = process.env["NODE_COMPILE_CACHE"];
const compiled = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };

export interface CommandLine {
  /** Where it runs; also its home, so that no state of the machine is touched. */
  readonly folder: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real program to its end. */
export async function ringward(args: readonly string[], where: CommandLine): Promise<Ended> {
  const child = startRingward(args, where);
  child.stdin.end(where.stdin ?? "");
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

/** Starts the real program; the caller ends it. */
export function startRingward(
  args: readonly string[],
  where: CommandLine,
): ChildProcessWithoutNullStreams {
  const { folder, env = {} } = where;
  return spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, ...compiled, ...env },
  });
}
