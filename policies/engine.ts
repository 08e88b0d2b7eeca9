import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Digest, digestParts } from "../manifests/digest.ts";
import { limits } from "../manifests/limits.ts";
import { Lru } from "../manifests/lru.ts";
import type { Manifest } from "../manifests/manifest.ts";
import type { Verdict } from "../manifests/verdict.ts";
import { encodeFacts, type Principal } from "./encode.ts";
import { evaluate } from "./evaluate.ts";
import { type PolicySource, parsePolicies, setsTerms, validatePolicies } from "./parse.ts";
import type { PolicyRequest } from "./request.ts";
import { schemaText, type ToolShape, toolShapes } from "./schema.ts";
import { Slices } from "./slices.ts";

export type { PolicySource } from "./parse.ts";

export interface PolicyEngine {
  /** A pure function of the request. A tool that was not compiled in is denied. */
  decide(request: PolicyRequest): Verdict;
  /**
   * Whether policy could ever let this principal call the tool, by scopes alone: some permit's scope
   * matches, and no `forbid` without conditions does.
   */
  visible(principal: Principal, tool: string): boolean;
  /** Of the policies and of what they see of the tools; the order of the files does not matter. */
  readonly digest: Digest;
  /** Policies that can never be satisfied: mostly a misspelt `has`. One line each. */
  readonly warnings: readonly string[];
  /** Decisions found in the cache and decisions made, since the engine was compiled. */
  readonly stats: { readonly hits: number; readonly misses: number };
}

/** @throws {SourceError} for the first thing that is wrong in the policies or the tools' names. */
export function compilePolicies(
  sources: readonly PolicySource[],
  tools: readonly Manifest[],
): PolicyEngine {
  const shapes = toolShapes(tools);
  const schema = schemaText(shapes.values());
  const policies = parsePolicies(sources);
  const warnings = validatePolicies(policies, schema);
  const digest = digestParts("policies", [schema, ...policies.map(({ text }) => text).sort()]);
  return new SlicedEngine({ shapes, slices: new Slices(policies), digest, warnings });
}

/**
 * The `*.cedar` files of the folders, sorted by path; the shipped ones where no folder is given.
 */
export async function readPolicies(
  folders: readonly string[] = [shippedFolder],
): Promise<readonly PolicySource[]> {
  const files = await Promise.all(folders.map(cedarFiles));
  const sorted = [...new Set(files.flat())].sort();
  return await Promise.all(
    sorted.map(async (file) => ({ file, text: await readFile(file, "utf8") })),
  );
}

/** From the sources and from the built package alike. */
const shippedFolder = join(
  import.meta.dirname,
  import.meta.filename.endsWith(".ts") ? "." : "../../policies",
);

async function cedarFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(".cedar")).map((name) => join(folder, name));
}

interface Compiled {
  readonly shapes: ReadonlyMap<string, ToolShape>;
  readonly slices: Slices;
  readonly digest: Digest;
  readonly warnings: readonly string[];
}

const notPermitted: Verdict = { kind: "deny", code: "POLICY_DENIED", rules: [] };

class SlicedEngine implements PolicyEngine {
  readonly digest: Digest;
  readonly warnings: readonly string[];
  readonly stats: { hits: number; misses: number } = { hits: 0, misses: 0 };
  readonly #shapes: ReadonlyMap<string, ToolShape>;
  readonly #slices: Slices;
  readonly #verdicts = new Lru<string, Verdict>(limits.decisionCacheEntries);

  constructor({ shapes, slices, digest, warnings }: Compiled) {
    this.digest = digest;
    this.warnings = warnings;
    this.#shapes = shapes;
    this.#slices = slices;
  }

  decide(request: PolicyRequest): Verdict {
    const tool = this.#shapes.get(request.tool);
    if (tool === undefined) return notPermitted;
    const slice = this.#slices.of(tool, request.principal);
    // INVARIANT: Cedar is given nothing but the slice and the facts, and the key is made of both.
    const facts = encodeFacts(request, slice.reads, tool.context);
    const key = cacheKey(slice.key, JSON.stringify(facts));
    const held = this.#verdicts.get(key);
    this.stats[held === undefined ? "misses" : "hits"] += 1;
    if (held !== undefined) return held;
    const verdict = evaluate(slice, facts);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  visible(principal: Principal, tool: string): boolean {
    const shape = this.#shapes.get(tool);
    if (shape === undefined) return false;
    const { policies } = this.#slices.of(shape, principal);
    const never = policies.some((policy) => !setsTerms(policy) && forbidsAlways(policy.json));
    return !never && policies.some(({ json }) => json.effect === "permit");
  }
}

/** A `forbid` for every session and without conditions. */
function forbidsAlways({ effect, resource, conditions }: PolicyJson): boolean {
  const everySession = resource.op === "All" || (resource.op === "is" && !("in" in resource));
  return effect === "forbid" && everySession && conditions.length === 0;
}

/** Above this a key is hashed, so that long arguments do not fill the cache. */
const keyChars = 1_024;

function cacheKey(slice: string, facts: string): string {
  const key = `${slice}${facts}`;
  return key.length > keyChars ? digestParts("decision", [slice, facts]) : key;
}
