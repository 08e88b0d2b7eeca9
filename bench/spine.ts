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
import { median } from "./load.ts";

export interface SpineBench {
  /** CPU of a whole `handleCall`, all processes ÷ CPU of the bare isolate; the median round. */
  readonly isolateRatio: number;
  readonly cpuMsPerCall: number;
  readonly bareCpuMsPerCall: number;
}

const calls = 300;
const rounds = 5;

/** One call at a time, pool refill and recycled workers counted, the store's thread too. */
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
  const pairs: { readonly ours: number; readonly bare: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const pair = { bare: await bareSeconds(bare), ours: await ourSeconds(propose) };
    if (round > 0) pairs.push(pair);
  }
  return {
    isolateRatio: median(pairs.map(({ ours, bare: counterpart }) => ours / counterpart)),
    cpuMsPerCall: (median(pairs.map(({ ours }) => ours)) * 1_000) / calls,
    bareCpuMsPerCall: (median(pairs.map(({ bare: counterpart }) => counterpart)) * 1_000) / calls,
  };
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

async function ourSeconds(propose: () => Promise<void>): Promise<number> {
  const before = cpuSeconds();
  for (let call = 0; call < calls; call += 1) await propose();
  return cpuSeconds() - before;
}

async function bareSeconds(bare: ChildProcess): Promise<number> {
  const answer = once(bare, "message");
  bare.send(calls);
  const [seconds] = (await answer) as [number];
  return seconds;
}

function configIn(folder: string): ReturnType<typeof parseConfig> {
  return parseConfig({
    apiVersion: "ringward/v1",
    kind: "Deployment",
    state: join(folder, "state"),
    workspace: join(folder, "workspace"),
    workers: 1,
  });
}
