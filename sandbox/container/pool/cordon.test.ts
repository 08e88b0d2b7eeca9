import { test } from "tap";
import type { Grant } from "../../../manifests/grant.ts";
import { cordonOf, type Seen } from "./cordon.ts";

const seen: Seen = { mounts: ["a"], ground: "1:2", network: false };

function keyOf(changes: Partial<Grant> = {}, more: Partial<Seen> = {}): string {
  const limits = { wallMs: 1_000, cpuMs: 1_000, memoryMb: 32, outputKb: 64 };
  const grant = {
    ...{ principal: "ann", toolPin: "0".repeat(64), bundle: "1".repeat(64), limits },
    ...{ sandbox: { tier: "container", author: "operator", jit: false }, ...changes },
  };
  return cordonOf(grant as Grant, { ...seen, ...more }).key;
}

const limits = { wallMs: 1_000, cpuMs: 1_000, memoryMb: 32, outputKb: 64 };

test("calls share no waiting container where anything differs that it was started with", (t) => {
  const keys = [
    keyOf(),
    keyOf({ principal: "bob" }),
    keyOf({ toolPin: "2".repeat(64) }),
    keyOf({ bundle: "2".repeat(64) }),
    keyOf({ sandbox: { tier: "gvisor", author: "operator", jit: false } }),
    keyOf({ limits: { ...limits, memoryMb: 33 } }),
    keyOf({ limits: { ...limits, cpuMs: 1_001 } }),
    keyOf({}, { mounts: ["b"] }),
    keyOf({}, { mounts: ["a", "b"] }),
    keyOf({}, { ground: "1:3" }),
    keyOf({}, { network: true }),
  ];
  t.equal(new Set(keys).size, keys.length);
  t.equal(keyOf(), keyOf({ limits: { ...limits, wallMs: 2_000 } }), "what is held outside is not");
  t.end();
});

test("there is no container for a tier that is none of theirs", (t) => {
  const sandbox = { tier: "isolate", author: "operator", jit: false } as const;
  t.throws(() => keyOf({ sandbox }));
  t.end();
});
