import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Test } from "tap";

export interface Child {
  readonly process: ChildProcess;
  /** The next line that it says. @throws {Error} where it ends without one. */
  line(): Promise<string>;
  /** With SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

/** A program of `tests/support/`, told one thing; it ends with the test at the latest. */
export function startChild(t: Test, program: string, told: object): Child {
  const entry = join(import.meta.dirname, program);
  const child = spawn(process.execPath, [entry, JSON.stringify(told)], {
    env: {},
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  t.teardown(kill);
  return {
    process: child,
    kill,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} ended`);
      return value;
    },
  };
}
