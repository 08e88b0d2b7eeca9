import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerTier } from "../manifests/tier.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import {
  type ContainerTiers,
  lack,
  runInContainer,
  type ToolName,
  withContainerTiers,
} from "./container-tier.ts";
import { type Memory, memoryOf } from "./memory.ts";
import { runOpenLoop } from "./open-loop.ts";
import { median, quantile } from "./quantile.ts";

/** By tier: each that this machine's engine can run. Left out, in a line, where there is no engine. */
export type ContainersBench =
  | { readonly containers: string }
  | {
      /** A call that finds a container that waits, to its answer: of the least that a program can do. */
      readonly containerWarmMs: ByTier<Times>;
      /** The same of the shipped program that runs a command. */
      readonly containerWarmShellMs: ByTier<Times>;
      /** A call that finds none, to its answer. */
      readonly containerColdMs: ByTier<Times>;
      readonly containerSustained: ByTier<SustainedContainers>;
      readonly containerMemory: ByTier<Memory>;
    };

type ByTier<T> = Readonly<Partial<Record<ContainerTier, T>>>;

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** Each call uses up a container, and the next one's start is counted along with it. */
interface SustainedContainers {
  readonly perSecond: number;
  /** Of the whole machine, a call: with the engine's, and whatever else ran. */
  readonly cpuMsPerCall: number;
  /** At four fifths of that rate, calls coming in whether or not others were answered. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

const warmCalls = 40;
const coldCalls = 8;
/** Longer than a start and an end take, so that a container waits and nothing else is under way. */
const quietMs: Readonly<Record<ContainerTier, number>> = { container: 400, gvisor: 1_200 };
const atOnce = 4;
const seconds = { closed: 8, open: 8 };
const share = 0.8;

export async function benchContainers(): Promise<ContainersBench> {
  const missing = lack();
  if (missing !== undefined) return { containers: `left out: ${missing}` };
  return await withContainerTiers(async (tiers) => ({
    containerWarmMs: await each(tiers, (sandbox) => warm(sandbox, "least")),
    containerWarmShellMs: await each(tiers, (sandbox) => warm(sandbox, "shell")),
    containerColdMs: await each(tiers, cold),
    containerSustained: await each(tiers, sustained),
    containerMemory: await each(tiers, (sandbox) => waitingMemory(sandbox, tiers.folder)),
  }));
}

async function each<T>(
  { sandboxes }: ContainerTiers,
  measure: (sandbox: Sandbox) => Promise<T>,
): Promise<ByTier<T>> {
  const found: [string, T][] = [];
  for (const [tier, sandbox] of sandboxes) found.push([tier, await measure(sandbox)]);
  return Object.fromEntries(found);
}

async function warm(sandbox: Sandbox, tool: ToolName): Promise<Times> {
  const one = { tool, principal: "warm" };
  await runInContainer(sandbox, one);
  return await timesOf(sandbox, warmCalls, () => one);
}

/** Somebody else each time, for whom nothing waits. */
async function cold(sandbox: Sandbox): Promise<Times> {
  return await timesOf(sandbox, coldCalls, (at) => ({ tool: "least", principal: `cold-${at}` }));
}

async function timesOf(
  sandbox: Sandbox,
  calls: number,
  call: (at: number) => { readonly tool: ToolName; readonly principal: string },
): Promise<Times> {
  const times: number[] = [];
  for (let at = 0; at < calls; at += 1) {
    await sleep(quietMs[sandbox.tier as ContainerTier]);
    const startedAt = performance.now();
    await runInContainer(sandbox, call(at));
    times.push(performance.now() - startedAt);
  }
  return { p50: median(times), p99: quantile(times, 0.99) };
}

async function sustained(sandbox: Sandbox): Promise<SustainedContainers> {
  const call = (): Promise<string> => runInContainer(sandbox, { tool: "least", principal: "all" });
  await call();
  const before = machineMs();
  const { perSecond, calls } = await closedLoop(call);
  const cpuMsPerCall = (machineMs() - before) / calls;
  const below = { perSecond: perSecond * share, seconds: seconds.open, call };
  const { p50Ms, p99Ms, failed } = await runOpenLoop(below);
  return { perSecond, cpuMsPerCall, p50Ms, p99Ms, failed };
}

async function closedLoop(
  call: () => Promise<unknown>,
): Promise<{ readonly perSecond: number; readonly calls: number }> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds.closed * 1_000;
  let calls = 0;
  const one = async (): Promise<void> => {
    for (; performance.now() < endsAt; calls += 1) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return { perSecond: calls / ((performance.now() - startedAt) / 1_000), calls };
}

/** Processor time of all that runs; a container's processes are nobody's descendants for long. */
function machineMs(): number {
  const [user = 0, nice = 0, system = 0] =
    readFileSync("/proc/stat", "latin1").split("\n", 1)[0]?.match(/\d+/g)?.map(Number) ?? [];
  return (user + nice + system) * 10;
}

/** One container with everything that keeps it, the median of those that wait. */
async function waitingMemory(sandbox: Sandbox, folder: string): Promise<Memory> {
  const before = new Set(keepers(folder));
  for (const at of [1, 2, 3]) {
    await runInContainer(sandbox, { tool: "shell", principal: `memory-${at}` });
  }
  await sleep(quietMs[sandbox.tier as ContainerTier] * 2);
  const all = keepers(folder)
    .filter((pid) => !before.has(pid))
    .map(memoryOf);
  return {
    rssMb: median(all.map(({ rssMb }) => rssMb)),
    pssMb: median(all.map(({ pssMb }) => pssMb)),
    privateMb: median(all.map(({ privateMb }) => privateMb)),
  };
}

/** The engine's process for each container; the container's own are its descendants. */
function keepers(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const words = commandOf(pid);
      return words.includes("-id") && words.some((word) => word.startsWith(folder));
    })
    .map(Number);
}

function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
  } catch {
    return [];
  }
}
