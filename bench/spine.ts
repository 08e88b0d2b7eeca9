import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../gateway/config/config.ts";
import { type Gateway, openGateway } from "../gateway/open-gateway.ts";
import type { CallProposal } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import { parseSessionRequest } from "../manifests/session.ts";
import { cpuSeconds } from "./cpu-time.ts";
import { type ProcessStarts, watchProcessStarts } from "./process-starts.ts";
import { median } from "./quantile.ts";

export interface SpineBench {
  /**
   * CPU of a whole `handleCall` of an operator's tool, all processes and threads ÷ CPU of the bare
   * isolate, with eight calls in flight; the median round.
   */
  readonly isolateRatio: number;
  /** The same with one call at a time: no two calls share a commit, every thread is woken anew. */
  readonly isolateRatioAlone: number;
  /** The same with code that the agent wrote, which uses up a worker with each call. */
  readonly isolateRatioAgentCode: number;
  readonly cpuMsPerCall: number;
  readonly agentCodeCpuMsPerCall: number;
  readonly bareCpuMsPerCall: number;
  /** Workers that were started ÷ calls: what they cost is in the ratios. */
  readonly refillsPerCall: number;
  readonly agentCodeRefillsPerCall: number;
}

const rounds = 5;
/** Some lives of a worker, so that its start is paid for by as many calls as in earnest. */
const manyCalls = { calls: 400, inFlight: 8 };
const oneByOne = { calls: 400, inFlight: 1 };
const agentCalls = { calls: 8, inFlight: 4 };

/** Workers that are filled up or replaced count, and the store's thread too. */
export async function benchSpine(): Promise<SpineBench> {
  const starts = watchProcessStarts();
  const folder = mkdtempSync(join(tmpdir(), "ringward-bench-"));
  const bare = fork(join(import.meta.dirname, "bare/loop.js"), {
    execArgv: ["--no-node-snapshot"],
  });
  const gateway = await openGateway(configIn(folder), { writer: "gateway" });
  try {
    return await measure(gateway, bare, starts);
  } finally {
    await gateway.close();
    bare.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Round {
  readonly bareMs: number;
  readonly many: Cost;
  readonly alone: Cost;
  readonly agent: Cost;
}

async function measure(
  gateway: Gateway,
  bare: ChildProcess,
  starts: ProcessStarts,
): Promise<SpineBench> {
  const propose = await opened(gateway);
  const seen: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = {
      bareMs: await bareMsPerCall(bare),
      many: await costOf(() => propose(operatorTool), { ...manyCalls, starts }),
      alone: await costOf(() => propose(operatorTool), { ...oneByOne, starts }),
      agent: await costOf(() => propose(agentCode), { ...agentCalls, starts }),
    };
    // The first round warms everything up.
    if (round > 0) seen.push(figures);
  }
  const of = (figure: (round: Round) => number): number => median(seen.map(figure));
  return {
    isolateRatio: of(({ many, bareMs }) => many.cpuMs / bareMs),
    isolateRatioAlone: of(({ alone, bareMs }) => alone.cpuMs / bareMs),
    isolateRatioAgentCode: of(({ agent, bareMs }) => agent.cpuMs / bareMs),
    cpuMsPerCall: of(({ many }) => many.cpuMs),
    agentCodeCpuMsPerCall: of(({ agent }) => agent.cpuMs),
    bareCpuMsPerCall: of(({ bareMs }) => bareMs),
    refillsPerCall: of(({ many }) => many.refills),
    agentCodeRefillsPerCall: of(({ agent }) => agent.refills),
  };
}

const operatorTool: CallProposal = { tool: "bench.multiply", arguments: { a: 6, b: 7 } };
const agentCode: CallProposal = { tool: "js.run", arguments: { code: "return 6 * 7;" } };

async function opened(gateway: Gateway): Promise<(proposal: CallProposal) => Promise<void>> {
  const budget = { calls: limits.sessionCallsCeiling };
  const request = parseSessionRequest({ principal: "bench", task: "count", budget });
  const { session, token } = await gateway.openSession(request, "bench");
  return async (proposal) => {
    const flight = gateway.calls.begin({ bearer: token, session: session.id, proposal });
    const { status, code } = await flight.answer;
    if (status !== "completed") throw new Error(`the bench call ended as ${status} ${code}`);
  };
}

/** Of one call. */
interface Cost {
  readonly cpuMs: number;
  readonly refills: number;
}

interface Batch {
  readonly calls: number;
  readonly inFlight: number;
  readonly starts: ProcessStarts;
}

async function costOf(call: () => Promise<void>, batch: Batch): Promise<Cost> {
  const { calls, inFlight, starts } = batch;
  const before = { seconds: cpuSeconds(), starts: starts.count() };
  let left = calls;
  const one = async (): Promise<void> => {
    for (left -= 1; left >= 0; left -= 1) await call();
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return {
    cpuMs: ((cpuSeconds() - before.seconds) * 1_000) / calls,
    refills: (starts.count() - before.starts) / calls,
  };
}

async function bareMsPerCall(bare: ChildProcess): Promise<number> {
  const { calls } = manyCalls;
  const answer = once(bare, "message");
  bare.send(calls);
  const [seconds] = (await answer) as [number];
  return (seconds * 1_000) / calls;
}

function configIn(folder: string): ReturnType<typeof parseConfig> {
  return parseConfig({
    apiVersion: "ringward/v1",
    kind: "Deployment",
    state: join(folder, "state"),
    workspace: join(folder, "workspace"),
    manifests: [join(import.meta.dirname, "tools")],
  });
}
