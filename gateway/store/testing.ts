import { digestJson } from "../../manifests/digest.ts";
import type { Grant } from "../../manifests/grant.ts";
import { cleanLabel } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import type { Session } from "../../manifests/session.ts";
import type { Approval, Intent, Key, Settlement } from "./store.ts";

/** Far enough from the limits of time for every sample. */
export const sampleNow = 1_800_000_000_000;

export function sampleSession(id: string, change: Partial<Session> = {}): Session {
  return {
    id,
    principal: "agent-one",
    groups: [],
    task: "Read the page and sum it up.",
    budget: { calls: 1_000, bytes: limits.sessionBytes, seconds: limits.sessionRunSeconds },
    seconds: 3_600,
    openedAt: sampleNow,
    expiresAt: sampleNow + 3_600_000,
    label: cleanLabel,
    epoch: 1,
    ...change,
  };
}

export function sampleKey(id: string, change: Partial<Key> = {}): Key {
  const hash = digestJson("credential", id);
  return { id, kind: "agent", hash, principal: "agent-one", createdAt: sampleNow, ...change };
}

export function sampleGrant(call: string, session: string): Grant {
  const pin = digestJson("tool-pin", "text.search");
  return {
    id: `grant-${call}`,
    call,
    session,
    principal: "agent-one",
    tool: "text.search",
    toolPin: pin,
    arguments: digestJson("arguments", call),
    policyInput: pin,
    bundle: pin,
    permissions: { net: [], fs: [] },
    sandbox: { tier: "isolate", author: "operator", jit: false },
    secrets: [],
    issuedAt: 0,
    seed: "00".repeat(16),
    limits: { wallMs: 5_000, cpuMs: 1_000, memoryMb: 32, outputKb: 256 },
    label: cleanLabel,
    expiresAt: sampleNow + 7_000,
  };
}

export function sampleIntent(call: string, session: string, change: Partial<Intent> = {}): Intent {
  return {
    at: sampleNow,
    grant: sampleGrant(call, session),
    epoch: 1,
    budget: { bytes: 1_000, seconds: 1 },
    record: { trace: [{ stage: "check", ms: 1 }], verdict: { kind: "allow", rules: ["tools"] } },
    argumentsText: '{"query":"the secret word is heron"}',
    ...change,
  };
}

/** How an admitted call ends well. */
export function sampleSettlement(
  call: string,
  session: string,
  change: Partial<Settlement> = {},
): Settlement {
  return {
    at: sampleNow + 5,
    call,
    session,
    principal: "agent-one",
    tool: "text.search",
    admitted: true,
    answer: { status: "completed", output: "a heron", id: call, tool: "text.search", ms: 5 },
    used: { bytes: 100, seconds: 0.005 },
    result: { label: cleanLabel, text: '"a heron"' },
    record: { trace: [{ stage: "run", ms: 4 }], usage: { wallMs: 4, cpuMs: 2 } },
    ...change,
  };
}

export function sampleApproval(id: string, call: string, session: string): Approval {
  return {
    id,
    call,
    session,
    principal: "agent-one",
    tool: "text.search",
    facts: digestJson("approval", "the facts"),
    shown: { tool: "text.search", arguments: { query: "the secret word is heron" } },
    askedAt: sampleNow,
    expiresAt: sampleNow + 900_000,
    status: "waiting",
  };
}

/** How a call ends that a person has to look at. */
export function samplePending(call: string, session: string, approval: Approval): Settlement {
  const { result: _, ...rest } = sampleSettlement(call, session);
  return {
    ...rest,
    admitted: false,
    used: { bytes: 0, seconds: 0 },
    approval,
    answer: {
      status: "pending",
      code: "APPROVAL_REQUIRED",
      approval: approval.id,
      id: call,
      tool: "text.search",
      ms: 1,
    },
  };
}
