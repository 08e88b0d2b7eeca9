import type { EqConstraint, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { ActionsByKind } from "../manifests/action.ts";
import { limits } from "../manifests/limits.ts";
import { Lru } from "../manifests/lru.ts";
import type { Tier } from "../manifests/tier.ts";
import type { Principal } from "./encode.ts";
import { type Policy, setsTerms } from "./parse.ts";
import { type Reads, readsOf } from "./reads.ts";
import type { ToolShape } from "./schema.ts";

/** The policies that can matter to one tool and to principals that scopes do not tell apart. */
export interface Slice {
  /** Differs where the tool, or what scopes can tell of the principal, differs. */
  readonly key: string;
  readonly tool: ToolShape;
  /** What scopes can tell of the principal: its id only where one names it, its groups likewise. */
  readonly principal: Principal;
  readonly policies: readonly Policy[];
  /** Those that permit, and those that deny whatever the terms. */
  readonly withoutTerms: readonly Policy[];
  /** The question of each policy that asks a person, by id. */
  readonly questions: ReadonlyMap<string, string>;
  /** The tier below which each of these forbids, by id. */
  readonly tiers: ReadonlyMap<string, Tier>;
  /** What each of these wants done at least about findings in the result, by id. */
  readonly outputs: ReadonlyMap<string, ActionsByKind>;
  readonly reads: Reads;
}

/** Finds the slice for a call, looking only at policies whose scope can match. */
export class Slices {
  readonly #byAction: ReadonlyMap<string, readonly Policy[]>;
  readonly #tools = new Map<string, ToolIndex>();
  readonly #slices = new Lru<string, Slice>(limits.policySlices);

  constructor(policies: readonly Policy[]) {
    this.#byAction = groupBy(policies, (policy) => actionsOf(policy.json));
  }

  of(tool: ToolShape, principal: Principal): Slice {
    const index = this.#indexOf(tool);
    const told = tellApart(index, principal);
    const key = JSON.stringify([tool.name, told.id, ...told.groups]);
    const held = this.#slices.get(key);
    if (held !== undefined) return held;
    const slice = cut(index, { key, tool, principal: told });
    this.#slices.set(key, slice);
    return slice;
  }

  #indexOf(tool: ToolShape): ToolIndex {
    const held = this.#tools.get(tool.name);
    if (held !== undefined) return held;
    const matching = [anyAction, tool.name, ...tool.groups].flatMap(
      (action) => this.#byAction.get(action) ?? [],
    );
    const index = groupBy([...new Set(matching)], (policy) => [principalOf(policy.json)]);
    this.#tools.set(tool.name, index);
    return index;
  }
}

/** One tool's policies by whom their scope asks for: `anyone`, `Agent::<id>` or `Group::<id>`. */
type ToolIndex = ReadonlyMap<string, readonly Policy[]>;

const anyAction = "*";
const anyone = "*";
const nobody = "";

function tellApart(index: ToolIndex, { id, groups }: Principal): Principal {
  return {
    id: index.has(`Agent::${id}`) ? id : "",
    groups: [...new Set(groups)].filter((group) => index.has(`Group::${group}`)).sort(),
  };
}

function cut(index: ToolIndex, slice: Pick<Slice, "key" | "tool" | "principal">): Slice {
  const { id, groups } = slice.principal;
  const whom = [anyone, `Agent::${id}`, ...groups.map((group) => `Group::${group}`)];
  const policies = whom.flatMap((one) => index.get(one) ?? []);
  return {
    ...slice,
    policies,
    withoutTerms: policies.filter((policy) => !setsTerms(policy)),
    questions: new Map(policies.flatMap(({ id, ask }) => (ask === undefined ? [] : [[id, ask]]))),
    tiers: new Map(policies.flatMap(({ id, tier }) => (tier === undefined ? [] : [[id, tier]]))),
    outputs: new Map(policies.flatMap(({ id, output }) => (output ? [[id, output]] : []))),
    reads: readsOf(policies.map(({ json }) => json)),
  };
}

/** The actions and action groups that the scope names; a group holds its tools. */
function actionsOf({ action }: PolicyJson): readonly string[] {
  if (action.op === "All" || "slot" in action) return [anyAction];
  const named = "entities" in action ? action.entities : [action.entity];
  return named.map((entity) => uidOf(entity).id);
}

function principalOf({ principal }: PolicyJson): string {
  if (principal.op === "All") return anyone;
  if (principal.op === "is") {
    if (principal.entity_type !== "Agent") return nobody;
    return principal.in === undefined ? anyone : whomOf(principal.in);
  }
  const whom = whomOf(principal);
  // A principal is an agent, never a group; only `in` looks at its groups.
  return principal.op === "==" && !whom.startsWith("Agent::") ? nobody : whom;
}

function whomOf(constraint: EqConstraint): string {
  if ("slot" in constraint) return nobody;
  const { type, id } = uidOf(constraint.entity);
  return `${type}::${id}`;
}

type Uid = { readonly type: string; readonly id: string };

function uidOf(entity: Uid | { readonly __entity: Uid }): Uid {
  return "__entity" in entity ? entity.__entity : entity;
}

function groupBy<T>(
  items: readonly T[],
  keysOf: (item: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of new Set(keysOf(item))) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [item]);
      else group.push(item);
    }
  }
  return groups;
}
