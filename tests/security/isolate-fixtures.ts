import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Test } from "tap";
import type { Author } from "../../manifests/manifest.ts";
import type { Permissions } from "../../manifests/permissions.ts";
import { noPermissions } from "../../manifests/permissions.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import {
  createIsolateSandbox,
  type IsolateSandbox,
} from "../../sandbox/isolate/isolate-sandbox.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { descendants } from "../support/processes.ts";
import { grantOf } from "./broker-fixtures.ts";
import { type AttackId, endingsOf } from "./catalogue.ts";

export interface Bench {
  readonly sandbox: IsolateSandbox;
  readonly workspace: string;
  readonly workers: number;
  /** Lies in the environment, beside the workspace and in the arguments of another principal. */
  readonly canary: string;
  /** Runs `body` as a tool's `run(args, host)`. */
  run(body: string, how?: How): Promise<SandboxResult>;
}

export interface How {
  readonly input?: string;
  readonly isAsync?: boolean;
  /** The whole bundle instead of a body. */
  readonly code?: string;
  readonly wallMs?: number;
  readonly cpuMs?: number;
  readonly memoryMb?: number;
  readonly outputKb?: number;
  readonly permissions?: Permissions;
  readonly principal?: string;
  readonly author?: Author;
  readonly signal?: AbortSignal;
}

/** The workspace and all that can be done in it. */
export const allFiles: Permissions = {
  net: [],
  fs: [
    { path: ".", access: "read" },
    { path: ".", access: "write" },
    { path: ".", access: "list" },
  ],
};

/**
 * A sandbox with a real broker and a workspace, until the test ends; then nothing of it is left.
 * `every` holds for each call that says nothing else.
 */
export function bench(t: Test, workers = 1, every: How = {}): Bench {
  const canary = `canary-${randomUUID()}`;
  const root = t.testdir({ "canary.txt": canary, workspace: { "a.txt": "alpha" } });
  const workspace = join(root, "workspace");
  process.env["RINGWARD_CANARY"] = canary;
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [] });
  const sandbox = createIsolateSandbox({ broker, workers });
  const before = ownHandles();
  t.teardown(async () => {
    await sandbox.close();
    delete process.env["RINGWARD_CANARY"];
    const left = descendants(process.pid);
    if (left.length > 0) throw new Error(`processes left: ${left.join(" ")}`);
    const more = ownHandles() - before;
    // The thread pool of Node and esbuild's service come once.
    if (more > 16) throw new Error(`${more} descriptors and threads left`);
  });
  return {
    sandbox,
    workspace,
    workers,
    canary,
    run: (body, how = {}) => runBody(sandbox, body, { ...every, ...how }),
  };
}

function ownHandles(): number {
  return readdirSync("/proc/self/fd").length + readdirSync("/proc/self/task").length;
}

function runBody(sandbox: IsolateSandbox, body: string, how: How): Promise<SandboxResult> {
  const { wallMs = 20_000, cpuMs = 150, memoryMb = 32, outputKb = 64 } = how;
  const { principal = "mallory", author = "operator" } = how;
  const grant = grantOf({
    principal,
    sandbox: { tier: "isolate", author, jit: false },
    limits: { wallMs, cpuMs, memoryMb, outputKb },
    permissions: how.permissions ?? noPermissions,
  });
  const run = `${how.isAsync ? "async " : ""}run(args, host) { ${body} }`;
  const code = how.code ?? `var tool = (() => ({ ${run} }))();`;
  return sandbox.run(
    { grant, code, input: how.input ?? "{}" },
    how.signal ?? new AbortController().signal,
  );
}

/** The output parsed, or the code of the failure. */
export function endOf(result: SandboxResult): unknown {
  return result.kind === "output" ? JSON.parse(result.output) : result.code;
}

/** An attack, what it is about, the body of the tool, and how it ends where that is one way only. */
export type Attack = readonly [id: AttackId, name: string, body: string, end?: unknown, how?: How];

/** Runs attacks one after the other; each ends as the catalogue says and leaves nothing behind. */
export async function holdAll(t: Test, on: Bench, attacks: readonly Attack[]): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  await on.sandbox.warm();
  delay.enable();
  for (const [id, name, body, end, how = {}] of attacks) {
    const result = await on.run(body, how);
    const seen = endOf(result);
    const title = `${id} ${name}: ${JSON.stringify(seen)?.slice(0, 80)}`;
    if (end === undefined) t.ok(endingsOf(id).includes(endingOf(result)), title);
    else t.strictSame(seen, end, title);
    await leavesNothing(t, on, { result, how });
  }
  delay.disable();
  const milliseconds = (nanoseconds: number): number => Math.round(nanoseconds / 1e6);
  const p99 = milliseconds(delay.percentile(99));
  t.comment(`event loop of the gateway: p99 ${p99} ms, longest ${milliseconds(delay.max)} ms`);
  t.ok(p99 < 1_000, "the gateway's own loop was free");
}

/** How a call ended, in the words of the catalogue. */
export function endingOf(result: SandboxResult): string {
  return result.kind === "output" ? "completed" : result.code;
}

interface Verdict {
  readonly result: SandboxResult;
  readonly how: How;
}

/** What has to be true after any attack, however it ended. */
async function leavesNothing(t: Test, on: Bench, { result, how }: Verdict): Promise<void> {
  const files = readdirSync(on.workspace);
  const same = { ...how, code: benignCode, input: '{"x":6}' };
  t.equal(endOf(await on.run("", same)), 42, "the same principal's next call");
  const secret = JSON.stringify({ x: 6, secret: on.canary });
  const other = await on.run("", { code: benignCode, input: secret, principal: "alice" });
  t.equal(endOf(other), 42, "another principal's");
  t.notMatch(JSON.stringify(result), on.canary);
  t.strictSame(readdirSync(on.workspace), files, "nothing happens after the verdict");
  const processes = descendants(process.pid).length;
  t.ok(processes <= on.workers * processesPerWorker, `${processes} processes`);
}

const benignCode = "var tool = { run(args) { return args.x * 7; } };";

/** While a jail is built a shell and one tool stand beside its outer process. */
const processesPerWorker = 4;
