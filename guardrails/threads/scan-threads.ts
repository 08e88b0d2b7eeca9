import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Finding } from "../../manifests/finding.ts";
import { scanLimits } from "../../manifests/scan-limits.ts";
import type { ScanTask } from "./scan-thread.ts";

/**
 * Threads that read large texts, so that the event loop is free meanwhile. They start when they are
 * needed, are so many and so large as `limits` say, and end when they have had nothing to do for a
 * while. A thread that dies or hangs takes its one text along, and the next text gets a new one.
 */
export class ScanThreads {
  readonly #pool: Piscina<ScanTask, readonly Finding[]>;
  readonly #running: Set<AbortController> = new Set();
  readonly #waiting: (() => void)[] = [];

  /** `file` exports `scan`. */
  constructor(file: URL = scanThread) {
    this.#pool = new Piscina({
      filename: fileURLToPath(file),
      name: "scan",
      minThreads: 0,
      maxThreads: scanLimits.threads,
      idleTimeout: scanLimits.threadIdleMs,
      resourceLimits: { maxOldGenerationSizeMb: scanLimits.threadMb },
      // Nothing of how the process was started is meant for a thread.
      env: {},
      execArgv: [],
    });
    // Of a thread that does not start nobody else tells those who wait for it.
    this.#pool.on("error", (error) => {
      for (const stop of this.#running) stop.abort(error);
    });
  }

  /** Rejects with what a detector threw, or where the thread died, or took `scanLimits.threadMs`. */
  async scan(task: ScanTask): Promise<readonly Finding[]> {
    // Whoever waits is not on the clock, and not in the pool, which may forget about its queue.
    while (this.#running.size >= scanLimits.threads) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const stop = new AbortController();
    this.#running.add(stop);
    const timer = setTimeout(() => stop.abort(new Error("it hangs")), scanLimits.threadMs);
    try {
      return await this.#pool.run(task, { signal: stop.signal });
    } finally {
      clearTimeout(timer);
      this.#running.delete(stop);
      this.#waiting.shift()?.();
    }
  }

  /** Threads that there are. */
  get size(): number {
    return this.#pool.threads.length;
  }

  /** Ends all threads; what they read is rejected. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const scanThread = new URL(`./scan-thread.${extension}`, import.meta.url);
