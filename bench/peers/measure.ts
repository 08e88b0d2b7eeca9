import { cpuSeconds } from "../cpu-time.ts";
import { type Memory, memoryOf } from "../memory.ts";
import { median, quantile } from "../quantile.ts";
import type { Peer, RunningPeer } from "./peer.ts";
import { settled } from "./settled.ts";

/** The same function, the same kilobyte, one call at a time. */
export interface PeerFigures {
  /** From nothing to the first answer. */
  readonly coldMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of a call, in all processes, the caller's part too. */
  readonly cpuMsPerCall: number;
  /** `p50Ms` and `cpuMsPerCall` ÷ those of the bare isolate, the median round. */
  readonly p50Ratio: number;
  readonly cpuRatio: number;
  /** Of all its processes, between calls. */
  readonly waiting: Memory;
}

/** What the ratios are made to. */
export const reference = "isolated-vm";

const coldStarts = 3;
const rounds = 3;
const callsPerRound = 100;
/** Whichever comes first. */
const roundMs = 1_500;

export interface Work {
  readonly code: string;
  readonly input: string;
  readonly answer: string;
}

/** Cold starts one after the other; then all of them wait, and take turns. */
export async function measurePeers(
  peers: readonly Peer[],
  work: Work,
): Promise<ReadonlyMap<string, PeerFigures>> {
  const running: Running[] = [];
  try {
    for (const peer of peers) running.push(await startedCold(peer, work));
    for (let round = 0; round <= rounds; round += 1) {
      for (const one of running) {
        const turn = await takeTurn(one.peer, work);
        // The first round warms up and does not count.
        if (round > 0) one.turns.push(turn);
      }
    }
    const bare = running.find(({ name }) => name === reference)?.turns ?? [];
    return new Map(running.map((one) => [one.name, figuresOf(one, bare)]));
  } finally {
    await Promise.all(running.map(({ peer }) => peer.stop()));
  }
}

interface Running {
  readonly name: string;
  readonly peer: RunningPeer;
  readonly coldMs: number;
  readonly turns: Turn[];
}

interface Turn {
  readonly times: readonly number[];
  readonly cpuMs: number;
}

/** The last of its starts keeps running. */
async function startedCold({ name, start }: Peer, work: Work): Promise<Running> {
  const times: number[] = [];
  for (;;) {
    const startedAt = performance.now();
    const peer = await start(work.code);
    await callOnce(peer, work);
    times.push(performance.now() - startedAt);
    if (times.length === coldStarts) return { name, peer, coldMs: median(times), turns: [] };
    await peer.stop();
  }
}

async function takeTurn(peer: RunningPeer, work: Work): Promise<Turn> {
  const before = cpuSeconds();
  const endsAt = performance.now() + roundMs;
  const times: number[] = [];
  while (times.length < callsPerRound && performance.now() < endsAt) {
    const startedAt = performance.now();
    await callOnce(peer, work);
    times.push(performance.now() - startedAt);
  }
  return { times, cpuMs: ((cpuSeconds() - before) * 1_000) / times.length };
}

const patienceMs = 30_000;

/** A fast answer that is wrong would be no figure. */
async function callOnce(peer: RunningPeer, { input, answer }: Work): Promise<void> {
  const { output, error = "no answer" } = await settled(peer.call(input), patienceMs);
  if (output !== answer) throw new Error(`a wrong answer: ${(output ?? error).slice(0, 200)}`);
}

function figuresOf({ peer, coldMs, turns }: Running, bare: readonly Turn[]): PeerFigures {
  const times = turns.flatMap((turn) => turn.times);
  const ratio = (figure: (turn: Turn) => number): number =>
    median(turns.map((turn, at) => figure(turn) / figure(bare[at] ?? turn)));
  return {
    coldMs,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    cpuMsPerCall: median(turns.map(({ cpuMs }) => cpuMs)),
    p50Ratio: ratio((turn) => median(turn.times)),
    cpuRatio: ratio(({ cpuMs }) => cpuMs),
    waiting: together(peer.pids().map(memoryOf)),
  };
}

function together(all: readonly Memory[]): Memory {
  const sum = (figure: (one: Memory) => number): number =>
    all.reduce((total, one) => total + figure(one), 0);
  return {
    rssMb: sum(({ rssMb }) => rssMb),
    pssMb: sum(({ pssMb }) => pssMb),
    privateMb: sum(({ privateMb }) => privateMb),
  };
}
