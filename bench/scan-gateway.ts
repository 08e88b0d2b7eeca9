import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig } from "../gateway/config/config.ts";
import type { Guard } from "../gateway/deps.ts";
import { type Gateway, openGateway } from "../gateway/open-gateway.ts";
import { noContext } from "../guardrails/detector.ts";
import type { JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { parseSessionRequest } from "../manifests/session.ts";
import { watchLoop } from "./loop-delay.ts";
import { median } from "./quantile.ts";
import type { Sample } from "./scan-texts.ts";

const rounds = 6;
const files = 20;

export interface GatewayScanFigures {
  /** What reading a result of 10 KB adds to a whole call, in milliseconds. */
  readonly scanAddedMs: number;
  /**
   * The longest that anything else waited while the guard of a gateway read 10 MB, in milliseconds:
   * in large values, which threads read, and in values of 10 KB, which are read on the spot.
   */
  readonly scanLoopDelayMs: number;
  readonly scanLoopDelaySmallMs: number;
  /** The same where nothing was read: what the machine does by itself. */
  readonly scanLoopDelayIdleMs: number;
}

/** The guards where they stand, in one gateway. */
export async function measureInGateway(samples: readonly Sample[]): Promise<GatewayScanFigures> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-bench-"));
  const workspace = join(folder, "workspace");
  mkdirSync(workspace);
  writeFiles(workspace, samples);
  const config = { apiVersion: "ringward/v1", kind: "Deployment" };
  const gateway = await openGateway(
    parseConfig({ ...config, state: join(folder, "state"), workspace }),
    { writer: "gateway" },
  );
  try {
    const scanAddedMs = await addedMs(gateway);
    const { output } = gateway.deps.guards;
    const values = samples.map(({ value }) => value);
    const scanLoopDelayMs = await longestDelay(output, Array(times).fill(values));
    const scanLoopDelaySmallMs = await longestDelay(output, Array(times).fill(values).flat());
    const scanLoopDelayIdleMs = await longestDelay({ scan: () => sleep(idleMs, []) }, [null]);
    return { scanAddedMs, scanLoopDelayMs, scanLoopDelaySmallMs, scanLoopDelayIdleMs };
  } finally {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two megabytes so often. */
const times = 5;
const idleMs = 2_000;

function writeFiles(workspace: string, samples: readonly Sample[]): void {
  const step = Math.floor(samples.length / files);
  for (let at = 0; at < files; at += 1) {
    const { value } = samples[at * step] ?? { value: "" };
    const text = typeof value === "string" ? value : JSON.stringify(value);
    writeFileSync(join(workspace, `${at}.txt`), text);
  }
}

async function longestDelay(
  guard: Pick<Guard, "scan">,
  values: readonly JsonValue[],
): Promise<number> {
  const watch = watchLoop();
  await new Promise(setImmediate);
  watch.take();
  for (const value of values) {
    await guard.scan(value, noContext);
    // The next call comes in a turn of its own.
    await new Promise(setImmediate);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  return watch.take().maxMs;
}

/**
 * Calls with the guards and calls without take turns in one gateway, and the difference is made
 * within a round.
 */
async function addedMs(gateway: Gateway): Promise<number> {
  const read = await opened(gateway);
  const { guards } = gateway.deps;
  const differences: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [withThem, without]: [number[], number[]] = [[], []];
    for (let at = 0; at < files; at += 1) {
      withThem.push(await read(at));
      without.push(await blinded([guards.input, guards.output], () => read(at)));
    }
    // The first round warms everything up.
    if (round > 0) differences.push(median(withThem) - median(without));
  }
  return median(differences);
}

async function opened(gateway: Gateway): Promise<(at: number) => Promise<number>> {
  const budget = { calls: limits.sessionCallsCeiling, bytes: limits.sessionBytesCeiling };
  const request = parseSessionRequest({ principal: "bench", task: "read files", budget });
  const { session, token } = await gateway.openSession(request, "bench");
  return async (at) => {
    const proposal = { tool: "files.read", arguments: { path: `${at}.txt` } };
    const begun = performance.now();
    const flight = gateway.calls.begin({ bearer: token, session: session.id, proposal });
    const { status, code } = await flight.answer;
    if (status !== "completed") throw new Error(`the bench call ended as ${status} ${code}`);
    return performance.now() - begun;
  };
}

/** Guards that find nothing, because they read nothing. */
async function blinded<T>(
  guards: readonly { scan: Guard["scan"] }[],
  act: () => Promise<T>,
): Promise<T> {
  const scans = guards.map(({ scan }) => scan);
  for (const guard of guards) guard.scan = () => Promise.resolve([]);
  try {
    return await act();
  } finally {
    for (const [index, scan] of scans.entries()) Object.assign(guards[index] ?? {}, { scan });
  }
}
