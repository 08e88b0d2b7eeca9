import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

export interface ProcessStarts {
  /** How many so far. */
  count(): number;
  /** Of those that still run: the outermost process of each jail. */
  pids(): readonly number[];
}

/**
 * Watches what this process starts from now on: where a gateway runs, that is its workers, and the
 * probes of its walls. The bundler's service is left out.
 */
export function watchProcessStarts(): ProcessStarts {
  const started: ChildProcess[] = [];
  subscribe("child_process", (message) => {
    started.push((message as { readonly process: ChildProcess }).process);
  });
  const jails = (): readonly ChildProcess[] =>
    started.filter(({ spawnfile }) => !spawnfile?.includes("esbuild"));
  return {
    count: () => jails().length,
    pids: () =>
      jails().flatMap(({ pid, exitCode, signalCode }) =>
        pid !== undefined && exitCode === null && signalCode === null ? [pid] : [],
      ),
  };
}
