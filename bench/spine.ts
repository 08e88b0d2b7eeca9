import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../gateway/config/config.ts";
import { type Gateway, openGateway } from "../gateway/open-gateway.ts";
import { limits } from "../manifests/limits.ts";
import { parseSessionRequest } from "../manifests/session.ts";
import { cpuSeconds } from "./cpu-time.ts";
import { median } from "./quantile.ts";

export interface SpineBench {
  /**
   * CPU of a whole `handleCall`, all processes and threads ÷ CPU of the bare isolate, with eight
   * calls in flight; the median round.
   */
  readonly isolateRatio: number;
  /** The same with one call at a time: no two calls share a commit, every thread is woken anew. */
  readonly isolateRatioAlone: number;
  readonly cpuMsPerCall: number;
  readonly bareCpuMsPerCall: number;
}

const calls = 400;
const rounds = 5;
const inFlight = 8;

/** Workers that are filled up or replaced count, and the store's thread too. */
export async function benchSpine(): Promise<SpineBench> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-bench-"));
  const bare = fork(join(import.meta.dirname, "bare/loop.js"), {
    execArgv: ["--no-node-snapshot"],
  });
  const gateway = await openGateway(configIn(folder), { writer: "gateway" });
  try {
    return await measure(gateway, bare);
  } finally {
    await gateway.close();
    bare.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(gateway: Gateway, bare: ChildProcess): Promise<SpineBench> {
  const propose = await opened(gateway);
  const seen: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const bareMs = await bareMsPerCall(bare);
    const ours = { ms: await msPerCall(propose, inFlight), aloneMs: await msPerCall(propose, 1) };
    // The first round warms everything up.
    if (round > 0) seen.push({ bareMs, ...ours });
  }
  return {
    isolateRatio: median(seen.map(({ ms, bareMs }) => ms / bareMs)),
    isolateRatioAlone: median(seen.map(({ aloneMs, bareMs }) => aloneMs / bareMs)),
    cpuMsPerCall: median(seen.map(({ ms }) => ms)),
    bareCpuMsPerCall: median(seen.map(({ bareMs }) => bareMs)),
  };
}

interface Round {
  readonly ms: number;
  readonly aloneMs: number;
  readonly bareMs: number;
}

async function opened(gateway: Gateway): Promise<() => Promise<void>> {
  const budget = { calls: limits.sessionCallsCeiling };
  const request = parseSessionRequest({ principal: "bench", task: "count", budget });
  const { session, token } = await gateway.openSession(request, "bench");
  const proposal = { tool: "js.run", arguments: { code: "return 6 * 7;" } };
  return async () => {
    const flight = gateway.calls.begin({ bearer: token, session: session.id, proposal });
    const { status, code } = await flight.answer;
    if (status !== "completed") throw new Error(`the bench call ended as ${status} ${code}`);
  };
}

async function msPerCall(propose: () => Promise<void>, atOnce: number): Promise<number> {
  const before = cpuSeconds();
  let left = calls;
  const one = async (): Promise<void> => {
    for (left -= 1; left >= 0; left -= 1) await propose();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return ((cpuSeconds() - before) * 1_000) / calls;
}

async function bareMsPerCall(bare: ChildProcess): Promise<number> {
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
  });
}
