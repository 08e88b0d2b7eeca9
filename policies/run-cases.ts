import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ActionsByKind, actions, actionsSchema } from "../manifests/action.ts";
import { canonicalJson } from "../manifests/canonical.ts";
import type { JsonObject } from "../manifests/json.ts";
import { confidentialities, type Source, sources } from "../manifests/label.ts";
import { roles } from "../manifests/manifest.ts";
import { type Tier, tiers } from "../manifests/tier.ts";
import type { Verdict } from "../manifests/verdict.ts";
import { parseYamlSource } from "../manifests/yaml-source.ts";
import type { PolicyEngine } from "./engine.ts";
import type { PolicyRequest } from "./request.ts";

/** A policy test as data: a request, and what policy has to say of it. */
export interface PolicyCase {
  readonly file: string;
  readonly description: string;
  readonly request: PolicyRequest;
  readonly want: Wanted;
}

interface Wanted {
  readonly kind: Verdict["kind"];
  readonly code?: string;
  readonly rules?: readonly string[];
  readonly tier?: Tier | "any";
  readonly output?: ActionsByKind;
}

export interface CaseResult {
  readonly case: PolicyCase;
  readonly got: Verdict;
  /** What differs from the case, in words; absent where it passed. */
  readonly problem?: string;
}

/** Every case against the engine, in order. */
export function runCases(
  engine: PolicyEngine,
  cases: readonly PolicyCase[],
): readonly CaseResult[] {
  return cases.map((one) => {
    const got = engine.decide(one.request);
    const problem = difference(one.want, got);
    return { case: one, got, ...(problem !== undefined && { problem }) };
  });
}

/**
 * The cases of a folder's `*.yaml` files, sorted by file, in the order of each file.
 *
 * @throws {SourceError} for the first thing that is wrong in a file.
 */
export async function readCases(folder: string): Promise<readonly PolicyCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return parseCases({ file, text: await readFile(file, "utf8") });
    }),
  );
  return files.flat();
}

/** @throws {SourceError} for the first thing that is wrong in the file. */
export function parseCases(source: {
  readonly file: string;
  readonly text: string;
}): readonly PolicyCase[] {
  const { file } = source;
  const cases = parseYamlSource({ ...source, guide: "docs/policies.md" }, (input) =>
    casesSchema.parse(input),
  );
  return cases.map((one) => ({ file, ...toCase(one) }));
}

function difference(want: Wanted, got: Verdict): string | undefined {
  if (got.kind !== want.kind) return `wants ${want.kind}, is ${got.kind} (${got.rules.join(", ")})`;
  const code = got.kind === "deny" ? got.code : undefined;
  if (want.code !== undefined && want.code !== code) return `wants ${want.code}, is ${code}`;
  return differentTier(want, got) ?? differentOutput(want, got) ?? differentRules(want, got);
}

function differentTier({ tier }: Wanted, got: Verdict): string | undefined {
  const named = got.kind === "deny" ? undefined : got.tier;
  if (tier === undefined || tier === (named ?? "any")) return undefined;
  return `wants the tier ${tier}, is ${named ?? "any"}`;
}

function differentOutput({ output }: Wanted, got: Verdict): string | undefined {
  if (output === undefined) return undefined;
  const named = got.kind === "deny" ? {} : (got.output ?? {});
  const [wanted, is] = [output, named].map((one) => canonicalJson({ ...one }));
  return wanted === is ? undefined : `wants the output ${wanted}, is ${is}`;
}

function differentRules({ rules }: Wanted, got: Verdict): string | undefined {
  if (rules === undefined) return undefined;
  const [wanted, decided] = [rules.toSorted().join(", "), got.rules.join(", ")];
  return wanted === decided ? undefined : `wants the rules ${wanted}, were ${decided}`;
}

const texts = z.array(z.string()).default([]);

const caseSchema = z.strictObject({
  description: z.string().min(1),
  principal: z.string().min(1).default("agent"),
  groups: texts,
  tool: z.string().min(1),
  session: z
    .strictObject({
      tainted: z.boolean().default(false),
      confidentiality: z.enum(confidentialities).default("public"),
    })
    .prefault({}),
  arguments: z.record(z.string(), z.json()).default({}),
  /** Role to source: `destination: untrusted`. */
  roles: z.partialRecord(z.enum(roles), z.enum(sources)).default({}),
  asked: z.boolean().exactOptional(),
  tokens: z.strictObject({ kinds: texts, roles: z.array(z.enum(roles)) }).exactOptional(),
  findings: texts,
  needs: z.strictObject({ hosts: texts, reads: texts, writes: texts }).prefault({}),
  want: z.enum(["allow", "deny", "ask"]),
  code: z.enum(["POLICY_DENIED", "POLICY_ERROR"]).exactOptional(),
  rules: z.array(z.string()).exactOptional(),
  /** Of an `allow` or `ask`: the tier below which policy forbids it; `any` where it names none. */
  tier: z.enum([...tiers, "any"]).exactOptional(),
  /** What policy wants done about findings in the result; `{}` where it names nothing. */
  output: actionsSchema(actions.filter((action) => action !== "record")).exactOptional(),
});

const casesSchema = z.array(caseSchema).min(1);

function toCase(input: z.infer<typeof caseSchema>): Omit<PolicyCase, "file"> {
  const { description, principal, groups, tool, session, asked, tokens, findings, needs } = input;
  return {
    description,
    request: {
      principal: { id: principal, groups },
      tool,
      session: { id: "case", ...session },
      arguments: input.arguments as JsonObject,
      roles: Object.fromEntries(
        Object.entries(input.roles).map(([role, weakest]) => [role, facts(weakest)]),
      ),
      ...(asked !== undefined && { asked }),
      ...(tokens && { tokens }),
      findings,
      needs,
    },
    want: wantedOf(input),
  };
}

function wantedOf({ want, ...more }: z.infer<typeof caseSchema>): Wanted {
  const { code, rules, tier, output } = more;
  return {
    kind: want,
    ...(code && { code }),
    ...(rules && { rules }),
    ...(tier && { tier }),
    ...(output && { output }),
  };
}

function facts(weakest: Source): { readonly weakest: Source; readonly count: number } {
  return { weakest, count: 1 };
}
