import type { Grant } from "../manifests/grant.ts";
import { limits } from "../manifests/limits.ts";
import type { Author, ToolLimits } from "../manifests/manifest.ts";
import { noPermissions } from "../manifests/permissions.ts";
import { createBroker } from "../sandbox/broker/create-broker.ts";
import { createIsolateSandbox, type IsolateSandbox } from "../sandbox/isolate/isolate-sandbox.ts";

/** The isolate tier alone, without store, policy and door, its workers started. */
export async function openTier(workers: number = limits.workers): Promise<IsolateSandbox> {
  const broker = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
  const sandbox = createIsolateSandbox({ broker, workers });
  await sandbox.warm();
  return sandbox;
}

export interface TierCall {
  readonly author: Author;
  readonly code: string;
  /** JSON. */
  readonly input: string;
  /** Those of a small tool where it is left out. */
  readonly limits?: ToolLimits;
}

/** The least that a tool can do. */
export const smallCode = "var tool = { run(args) { return { sum: args.a + args.b }; } };";
export const smallInput = '{"a":1,"b":2}';

/** Resolves with the output, JSON; rejects where the call fails. */
export async function runOnTier(sandbox: IsolateSandbox, call: TierCall): Promise<string> {
  const { author, code, input, limits: toolLimits = operatorGrant.limits } = call;
  const tier = { tier: "isolate", author, jit: false } as const;
  const grant = { ...operatorGrant, sandbox: tier, limits: toolLimits };
  const result = await sandbox.run({ grant, code, input }, new AbortController().signal);
  if (result.kind === "failed") throw new Error(`${result.code}: ${result.detail}`);
  return result.output;
}

const operatorGrant: Grant = {
  id: "grant",
  call: "call",
  session: "session",
  principal: "bench",
  tool: "bench.add",
  toolPin: "",
  arguments: "",
  policyInput: "",
  bundle: "",
  permissions: noPermissions,
  secrets: [],
  sandbox: { tier: "isolate", author: "operator", jit: false },
  issuedAt: 0,
  seed: "00".repeat(16),
  limits: { wallMs: 5_000, cpuMs: 1_000, memoryMb: 32, outputKb: 16 },
  label: { integrity: "trusted", confidentiality: "public" },
  expiresAt: 0,
};
