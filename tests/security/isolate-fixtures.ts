import { readdirSync, readFileSync } from "node:fs";
import type { Test } from "tap";
import type { Permissions } from "../../manifests/permissions.ts";
import { noPermissions } from "../../manifests/permissions.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import {
  createIsolateSandbox,
  type IsolateSandbox,
} from "../../sandbox/isolate/isolate-sandbox.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { grantOf } from "./broker-fixtures.ts";

export interface Bench {
  readonly sandbox: IsolateSandbox;
  readonly workspace: string;
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
  readonly signal?: AbortSignal;
}

/** A sandbox with a real broker and a workspace, until the test ends; then nothing of it is left. */
export function bench(t: Test, workers = 1): Bench {
  const workspace = t.testdir({ "a.txt": "alpha" });
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [] });
  const sandbox = createIsolateSandbox({ broker, workers });
  t.teardown(async () => {
    await sandbox.close();
    const left = descendants(process.pid);
    if (left.length > 0) throw new Error(`processes left: ${left.join(" ")}`);
  });
  return { sandbox, workspace, run: (body, how = {}) => runBody(sandbox, body, how) };
}

function runBody(sandbox: IsolateSandbox, body: string, how: How): Promise<SandboxResult> {
  const { wallMs = 4_000, cpuMs = 150, memoryMb = 32, outputKb = 64 } = how;
  const grant = grantOf({
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

/**
 * Every process that comes from `pid`, as far as this process may see; without esbuild's service,
 * which is no part of the sandbox and stays for whoever builds next.
 */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(name));
  }
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

function parentOf(name: string): number {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    if (stat.slice(0, end).endsWith("(esbuild")) return 0;
    return Number(stat.slice(end + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
