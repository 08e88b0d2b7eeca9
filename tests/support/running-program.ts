import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Test } from "tap";
import { startRingward } from "./command-line.ts";

/** The real program while it serves. With its test it is stopped, so that nothing of it is left. */
export interface RunningProgram {
  /** What it printed behind a heading: an address, for instance. */
  says(heading: string): string;
  /** As an operator stops it; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** With SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

export interface StartProgram {
  readonly folder: string;
  /** The heading of the last line that it prints before it serves. */
  readonly ready: string;
}

/** @throws {Error} with its last words, where it ends before it serves. */
export async function startProgram(
  t: Test,
  args: readonly string[],
  { folder, ready }: StartProgram,
): Promise<RunningProgram> {
  const child = startRingward(args, { folder });
  child.stdin.end();
  const ended = once(child, "close");
  const words = text(child.stderr);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await ended;
    return code;
  };
  t.teardown(() => end("SIGTERM"));
  const said = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [heading = "", value = ""] = line.split(/ +/);
    said.set(heading, value);
    if (heading !== ready) continue;
    return {
      says: (asked) => said.get(asked) ?? "",
      stop: () => end("SIGTERM"),
      kill: async () => void (await end("SIGKILL")),
    };
  }
  throw new Error(`${args[0]} ended: ${await words}`);
}
