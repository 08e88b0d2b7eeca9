import { limits } from "../manifests/limits.ts";
import type { Author } from "../manifests/manifest.ts";
import { startBareWorkers } from "./bare/workers.ts";
import { type OpenLoopResult, runOpenLoop } from "./open-loop.ts";
import { median } from "./quantile.ts";
import { openTier, runOnTier, smallCode, smallInput } from "./tier-calls.ts";

/** The isolate tier alone, with as many workers as a gateway has. */
export interface SustainedBench {
  readonly sustained: {
    readonly operatorTool: Sustained;
    /** One worker a call. */
    readonly agentCode: Sustained;
    /** As many processes with the bare library, and no walls. */
    readonly barePerSecond: number;
    /** Of an operator's tool ÷ bare, the median round. */
    readonly ratio: number;
  };
}

export interface Sustained {
  /** Always as many calls under way as keep every worker busy. */
  readonly perSecond: number;
  /** At four fifths of that rate, calls coming in whether or not others were answered. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
  readonly failed: number;
}

const rounds = 3;
const share = 0.8;
const seconds = { closed: 2, open: 3 };
const inFlight = limits.workers * 2;

export async function benchSustained(): Promise<SustainedBench> {
  const sandbox = await openTier();
  const bare = startBareWorkers(limits.workers);
  const call = (author: Author) => () =>
    runOnTier(sandbox, { author, code: smallCode, input: smallInput });
  try {
    const seen: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const barePerSecond = await closedLoop(() => bare.run(bareCode));
      const operatorTool = await atMostAndBelow(call("operator"));
      seen.push({ barePerSecond, operatorTool, agentCode: await atMostAndBelow(call("agent")) });
    }
    return { sustained: summed(seen) };
  } finally {
    bare.close();
    await sandbox.close();
  }
}

const bareCode = `${smallCode} JSON.stringify(tool.run(${smallInput}))`;

interface Round {
  readonly barePerSecond: number;
  readonly operatorTool: Measured;
  readonly agentCode: Measured;
}

interface Measured extends OpenLoopResult {
  readonly perSecond: number;
}

async function atMostAndBelow(call: () => Promise<unknown>): Promise<Measured> {
  const perSecond = await closedLoop(call);
  const below = { perSecond: perSecond * share, seconds: seconds.open, call };
  return { perSecond, ...(await runOpenLoop(below)) };
}

/** Calls a second. */
async function closedLoop(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds.closed * 1_000;
  let calls = 0;
  const one = async (): Promise<void> => {
    for (; performance.now() < endsAt; calls += 1) await call();
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return calls / ((performance.now() - startedAt) / 1_000);
}

function summed(seen: readonly Round[]): SustainedBench["sustained"] {
  return {
    operatorTool: together(seen.map(({ operatorTool }) => operatorTool)),
    agentCode: together(seen.map(({ agentCode }) => agentCode)),
    barePerSecond: median(seen.map(({ barePerSecond }) => barePerSecond)),
    ratio: median(
      seen.map(({ operatorTool, barePerSecond }) => operatorTool.perSecond / barePerSecond),
    ),
  };
}

function together(all: readonly Measured[]): Sustained {
  const sum = (figure: (one: Measured) => number): number =>
    all.reduce((total, one) => total + figure(one), 0);
  return {
    perSecond: median(all.map(({ perSecond }) => perSecond)),
    p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
    calls: sum(({ calls }) => calls),
    failed: sum(({ failed }) => failed),
  };
}
