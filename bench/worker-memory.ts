import { type Memory, memoryOf } from "./memory.ts";
import { watchProcessStarts } from "./process-starts.ts";
import { median } from "./quantile.ts";
import { openTier, runOnTier, smallCode, smallInput } from "./tier-calls.ts";

/** One worker with everything of its jail, the median of those that wait. */
export interface WorkerMemoryBench {
  readonly workerMemory: {
    readonly waiting: number;
    /** Started, and given nothing yet. */
    readonly fresh: Memory;
    /** After calls of a small tool. */
    readonly used: Memory;
  };
}

const workers = 4;
const callsEach = 16;

export async function benchWorkerMemory(): Promise<WorkerMemoryBench> {
  const starts = watchProcessStarts();
  const sandbox = await openTier(workers);
  try {
    const waiting = starts.pids().length;
    const fresh = medianOf(starts.pids());
    const call = { author: "operator", code: smallCode, input: smallInput } as const;
    for (let round = 0; round < callsEach; round += 1) {
      await Promise.all(Array.from({ length: workers }, () => runOnTier(sandbox, call)));
    }
    return { workerMemory: { waiting, fresh, used: medianOf(starts.pids()) } };
  } finally {
    await sandbox.close();
  }
}

function medianOf(pids: readonly number[]): Memory {
  const all = pids.map(memoryOf);
  return {
    rssMb: median(all.map(({ rssMb }) => rssMb)),
    pssMb: median(all.map(({ pssMb }) => pssMb)),
    privateMb: median(all.map(({ privateMb }) => privateMb)),
  };
}
