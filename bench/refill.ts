import { limits } from "../manifests/limits.ts";
import { type Jail, jailCommand, launchers } from "../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../sandbox/isolate/jail/worker-source.ts";
import { startWorker } from "../sandbox/isolate/pool/worker-process.ts";
import { cpuSeconds } from "./cpu-time.ts";
import { median } from "./quantile.ts";

/** By launcher: each that this machine can build the jail with. */
export interface RefillBench {
  readonly refill: Readonly<Record<string, Refill>>;
}

/** One worker in the place of another. */
export interface Refill {
  /** From nothing to a worker that waits for its first call. */
  readonly wallMs: number;
  /** Of all processes, the end of the old worker too. */
  readonly cpuMs: number;
}

const rounds = 3;
/** Enough that the clock of the processor, which ticks every 10 ms, is fine enough. */
const startsPerRound = 8;

export async function benchRefill(): Promise<RefillBench> {
  const source = workerSource("main");
  const found: [string, Refill][] = [];
  for (const launcher of launchers()) {
    const jail = jailCommand(source, [], { launcher });
    if (jail) found.push([launcher, await measure(jail)]);
  }
  return { refill: Object.fromEntries(found) };
}

async function measure(jail: Jail): Promise<Refill> {
  const seen: Refill[] = [];
  for (let round = 0; round < rounds; round += 1) seen.push(await oneRound(jail));
  return {
    wallMs: median(seen.map(({ wallMs }) => wallMs)),
    cpuMs: median(seen.map(({ cpuMs }) => cpuMs)),
  };
}

async function oneRound(jail: Jail): Promise<Refill> {
  const before = cpuSeconds();
  const walls: number[] = [];
  for (let start = 0; start < startsPerRound; start += 1) {
    const startedAt = performance.now();
    const worker = await startWorker(jail, limits.memoryMb);
    walls.push(performance.now() - startedAt);
    // Ended and waited for, so that what it used is known to the last tick.
    await worker.kill();
  }
  return { wallMs: median(walls), cpuMs: ((cpuSeconds() - before) * 1_000) / startsPerRound };
}
