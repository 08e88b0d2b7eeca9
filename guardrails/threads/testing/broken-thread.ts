import { setImmediate } from "node:timers/promises";
import type { Finding } from "../../../manifests/finding.ts";
import type { ScanTask } from "../scan-thread.ts";

/** What can go wrong in a thread, by the text that it is to read. */
const ways: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error("out of order");
  },
  dies: () => process.exit(1),
  hangs: () => {
    for (;;);
  },
  swells: () => {
    const held: number[][] = [];
    for (;;) held.push(Array.from({ length: 100_000 }, (_, at) => at));
  },
  waits: () => setImmediate(),
};

export async function scan({ value }: ScanTask): Promise<readonly Finding[]> {
  await ways[String(value)]?.();
  return [];
}
