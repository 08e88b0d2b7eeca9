import type { Test } from "tap";
import type { Grant } from "../../manifests/grant.ts";
import type { Recording, SandboxResult } from "../../sandbox/sandbox.ts";
import { everything, grantOf } from "./broker-fixtures.ts";
import { bench } from "./isolate-fixtures.ts";

/** 2001-09-09T01:46:40.123Z: far from the time of any machine that runs this. */
export const issuedAt = 1_000_000_000_123;
export const seed = "0123456789abcdef0f1e2d3c4b5a6978";

export type Run = (
  body: string,
  changes?: Partial<Grant>,
  again?: Recording,
) => Promise<SandboxResult>;

/** Runs the body of a tool as a call of that time and seed; with a recording, runs it again. */
export function told(t: Test): Run {
  const { sandbox } = bench(t);
  return (body, changes = {}, recording) => {
    const limits = { wallMs: 10_000, cpuMs: 2_000, memoryMb: 32, outputKb: 64 };
    const permissions = { net: [], fs: everything };
    const grant = grantOf({ issuedAt, seed, limits, permissions, ...changes });
    const code = `var tool = { run(args, host) { ${body} } };`;
    const job = { grant, code, input: "{}", ...(recording && { recording }) };
    return sandbox.run(job, new AbortController().signal);
  };
}
