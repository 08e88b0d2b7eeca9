import { preparsePolicySet } from "@cedar-policy/cedar-wasm/nodejs";
import { limits } from "../manifests/limits.ts";
import { Lru } from "../manifests/lru.ts";
import type { Policy } from "./parse.ts";

/** Policies that are evaluated together. */
export type PolicySet = readonly Policy[];

/**
 * The name under which Cedar holds `set` parsed; parses it where it does not hold it.
 *
 * Cedar's module keeps parsed sets by name for the life of the thread and gives none back. So there
 * are `limits.policySlices` names for all engines of the thread together, and the name of the set
 * that was not used for longest is used again.
 */
export function preparsed(set: PolicySet): string {
  const held = taken.get(set);
  if (held !== undefined) return held;
  const name = free.pop() ?? taken.shift() ?? "set";
  const staticPolicies = Object.fromEntries(set.map(({ id, text }) => [id, text]));
  const answer = preparsePolicySet(name, { staticPolicies });
  if (answer.type === "failure") {
    free.push(name);
    throw new Error(answer.errors[0]?.message);
  }
  taken.set(set, name);
  return name;
}

const free: string[] = Array.from({ length: limits.policySlices }, (_, index) => `set-${index}`);
const taken = new Lru<PolicySet, string>(limits.policySlices);
