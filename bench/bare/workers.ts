import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

export interface BareWorkers {
  /** Runs a script in a fresh isolate of the next process; resolves with its string. */
  run(code: string): Promise<unknown>;
  close(): void;
}

/** Processes that run `isolated-vm`, and nothing around it. */
export function startBareWorkers(count: number): BareWorkers {
  const waiting = new Map<number, (output: unknown) => void>();
  const workers = Array.from({ length: count }, () => {
    const worker = fork(join(import.meta.dirname, "worker.js"), {
      execArgv: ["--no-node-snapshot"],
    });
    worker.on("message", ({ id, output }: { id: number; output: unknown }) => {
      waiting.get(id)?.(output);
      waiting.delete(id);
    });
    return worker;
  });
  let next = 0;
  return {
    run(code) {
      next += 1;
      const id = next;
      workers[id % count]?.send({ id, code });
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    close: () => workers.forEach(kill),
  };
}

function kill(worker: ChildProcess): void {
  worker.kill();
}
