import { join } from "node:path";
import type { Test } from "tap";
import type { Grant } from "../../manifests/grant.ts";
import { type FsPermission, noPermissions } from "../../manifests/permissions.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";

/** A grant that permits nothing, and what the test changes in it. */
export function grantOf(changes: Partial<Grant> = {}): Grant {
  return {
    id: "grant",
    call: "call",
    session: "session",
    principal: "agent",
    tool: "test.tool",
    toolPin: "0".repeat(64),
    arguments: "0".repeat(64),
    policyInput: "0".repeat(64),
    bundle: "0".repeat(64),
    permissions: noPermissions,
    sandbox: { tier: "isolate", author: "operator", jit: false },
    secrets: [],
    issuedAt: 0,
    seed: "00".repeat(16),
    limits: { wallMs: 5_000, cpuMs: 2_000, memoryMb: 32, outputKb: 64 },
    label: { integrity: "trusted", confidentiality: "public" },
    expiresAt: 0,
    ...changes,
  };
}

export const everything: FsPermission[] = [
  { path: ".", access: "read" },
  { path: ".", access: "write" },
  { path: ".", access: "list" },
];

export interface Place {
  readonly outside: string;
  readonly workspace: string;
  open(fs?: readonly FsPermission[], signal?: AbortSignal): BrokerDoor;
}

/** A workspace with a secret beside it, and folders that belong to the gateway in it. */
export function place(t: Test): Place {
  const root = t.testdir({
    "secret.txt": "the key",
    workspace: {
      "a.txt": "alpha",
      docs: { "b.txt": "beta", deeper: { "c.txt": "gamma" } },
      policies: { "p.cedar": "forbid" },
    },
  });
  const workspace = join(root, "workspace");
  const broker = createBroker({
    workspace,
    hosts: {},
    protectedPaths: [join(workspace, "policies"), join(workspace, "later.db")],
  });
  return {
    outside: root,
    workspace,
    open: (fs = everything, signal = new AbortController().signal) =>
      broker.open(grantOf({ permissions: { net: [], fs } }), signal),
  };
}

/** The code of the refusal, or `done`. */
export async function codeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return "done";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}
