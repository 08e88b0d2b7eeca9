import {
  type DetailedError,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { type ActionsByKind, parseAction } from "../manifests/action.ts";
import { limits } from "../manifests/limits.ts";
import { SourceError, type SourcePlace } from "../manifests/source-error.ts";
import { type Tier, tiers } from "../manifests/tier.ts";

/** A file of policies as it was read. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/** One policy that was parsed; not yet validated. */
export interface Policy {
  readonly id: string;
  readonly text: string;
  readonly json: PolicyJson;
  readonly place: SourcePlace;
  /** The question for a person: a `forbid` with it asks instead of denying. */
  readonly ask?: string;
  /** A `forbid` with it forbids only weaker tiers than this one. */
  readonly tier?: Tier;
  /** A `forbid` with it forbids to do less about such a finding in the result. */
  readonly output?: ActionsByKind;
}

/** A `forbid` that says on which terms a call may run, instead of denying it. */
export function setsTerms({ ask, tier, output }: Policy): boolean {
  return ask !== undefined || tier !== undefined || output !== undefined;
}

/**
 * @throws {SourceError} for the first thing that is wrong in the files, taken one by one: syntax,
 * templates, annotations. No policy at all is wrong too.
 */
export function parsePolicies(sources: readonly PolicySource[]): readonly Policy[] {
  const policies = sources.flatMap(parseSource);
  refuseNone(policies, sources);
  refuseTooMany(policies, sources);
  refuseTwins(policies);
  return policies;
}

function parseSource(source: PolicySource): readonly Policy[] {
  const answer = policySetTextToParts(source.text);
  if (answer.type === "failure") throw syntaxError(source, answer.errors);
  const [template] = answer.policy_templates;
  if (template !== undefined) {
    throw new SourceError(placeOf(source, source.text.indexOf(template)), {
      what: "a template, which nothing would ever fill",
      mend: "write the entity instead of `?principal` or `?resource`",
    });
  }
  return inSourceOrder(answer.policies, source);
}

/** The parts come sorted by the names that the parser gave them: `policy0`, `policy1`, `policy10`. */
function inSourceOrder(parts: readonly string[], source: PolicySource): readonly Policy[] {
  const names = parts.map((_, index) => `policy${index}`);
  const texts = new Map([...names].sort().map((name, index) => [name, parts[index] ?? ""]));
  const cursor: Cursor = { offset: 0, next: 0, line: 1, column: 1 };
  return names.map((name) => {
    const text = texts.get(name) ?? "";
    advance(cursor, source.text, text);
    return parsePolicy(text, { file: source.file, line: cursor.line, column: cursor.column });
  });
}

interface Cursor {
  offset: number;
  /** Past the part that begins at `offset`. */
  next: number;
  line: number;
  column: number;
}

/** Moves to where `part` begins, counting lines only once over the whole file. */
function advance(cursor: Cursor, text: string, part: string): void {
  const offset = text.indexOf(part, cursor.next);
  if (offset < 0) return;
  const lines = text.slice(cursor.offset, offset).split("\n");
  const last = (lines.at(-1) ?? "").length;
  cursor.column = lines.length === 1 ? cursor.column + last : last + 1;
  cursor.line += lines.length - 1;
  cursor.offset = offset;
  cursor.next = offset + part.length;
}

function syntaxError(source: PolicySource, errors: readonly DetailedError[]): SourceError {
  const [error] = errors;
  return new SourceError(placeOf(source, offsetOf(source.text, error)), {
    what: error?.message ?? "not Cedar",
    mend: error?.help ?? "mend the syntax",
  });
}

/** Cedar counts bytes; the answer is in UTF-16 units. */
function offsetOf(text: string, error: DetailedError | undefined): number {
  const start = error?.sourceLocations?.[0]?.start ?? 0;
  return Buffer.from(text).subarray(0, start).toString().length;
}

function parsePolicy(text: string, place: SourcePlace): Policy {
  const answer = policyToJson(text);
  if (answer.type === "failure") throw syntaxError({ file: place.file, text }, answer.errors);
  checkAnnotations(answer.json, place);
  const { id = "", ask, tier, output } = answer.json.annotations ?? {};
  const actions = parseAction(output ?? "");
  return {
    ...{ id, text, json: answer.json, place },
    ...(ask !== undefined && { ask }),
    // Checked above: it is one of the list.
    ...(tier !== undefined && { tier: tier as Tier }),
    ...(actions && { output: actions }),
  };
}

/** To forbid weaker tiers than the weakest would forbid nothing. */
const strongerTiers = tiers.slice(1);

/** What each annotation has to look like, and the mending words for one that does not. */
const annotationRules: Readonly<Record<string, readonly [Pick<RegExp, "test">, string]>> = {
  id: [/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'lower-case words: `@id("no-secrets-out")`'],
  reason: [/^(?=.*\S).{1,1000}$/s, "one sentence for people, at most 1000 characters"],
  owasp: [/^ASI(?:0[1-9]|10)$/, "one of ASI01 to ASI10"],
  ask: [/^(?=.*\S).{1,500}$/s, "the question that a person answers, at most 500 characters"],
  output: [
    { test: (text) => parseAction(text) !== undefined },
    "what is done at least about a kind of finding: `injection: quarantine`; a secret is redacted",
  ],
  tier: [new RegExp(`^(?:${strongerTiers.join("|")})$`), `one of ${strongerTiers.join(", ")}`],
};

function checkAnnotations({ annotations = {}, effect }: PolicyJson, place: SourcePlace): void {
  for (const name of ["id", "reason"]) {
    if (!(name in annotations)) {
      const mend = `add \`@${name}("…")\`: ${annotationRules[name]?.[1]}`;
      throw new SourceError(place, { what: `a policy without \`@${name}\``, mend });
    }
  }
  for (const [name, value] of Object.entries(annotations)) checkAnnotation(name, value, place);
  checkTerms({ annotations, effect }, place);
}

const ownEffects: Readonly<Record<string, string>> = {
  ask: "move `@ask` to a `forbid`, which then asks instead of denying",
  tier: "move `@tier` to a `forbid`, which then forbids weaker tiers alone",
  output: "move `@output` to a `forbid`, which then forbids to hand over more",
};

function checkTerms(
  { annotations = {}, effect }: Pick<PolicyJson, "annotations" | "effect">,
  place: SourcePlace,
): void {
  const [term, other] = Object.keys(ownEffects).filter((name) => name in annotations);
  if (term !== undefined && effect !== "forbid") {
    throw new SourceError(place, {
      what: `\`@${term}\` on a permit`,
      mend: ownEffects[term] ?? "",
    });
  }
  if (other !== undefined) {
    const mend = "write two policies, one for each";
    throw new SourceError(place, { what: `\`@${term}\` and \`@${other}\` on one policy`, mend });
  }
}

function checkAnnotation(name: string, value: string | null, place: SourcePlace): void {
  const rule = Object.hasOwn(annotationRules, name) ? annotationRules[name] : undefined;
  if (rule === undefined) {
    const mend = `use one of: ${Object.keys(annotationRules).join(", ")}`;
    throw new SourceError(place, { what: `unknown annotation \`@${name}\``, mend });
  }
  if (!rule[0].test(value ?? "")) {
    const what = `\`@${name}\` says \`${value ?? ""}\``;
    throw new SourceError(place, { what, mend: `write ${rule[1]}` });
  }
}

function refuseNone(policies: readonly Policy[], sources: readonly PolicySource[]): void {
  if (policies.length > 0) return;
  throw new SourceError(
    { file: sources[0]?.file ?? "policies", line: 1, column: 1 },
    { what: "no policy at all", mend: "write at least one permit; without it nothing is allowed" },
  );
}

function refuseTooMany(policies: readonly Policy[], sources: readonly PolicySource[]): void {
  const bytes = sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes <= limits.policyBytes && policies.length <= limits.policiesPerDeployment) return;
  const { policiesPerDeployment: count, policyBytes } = limits;
  throw new SourceError(
    { file: sources.at(-1)?.file ?? "policies", line: 1, column: 1 },
    { what: "too many policies", mend: `at most ${count} policies in ${policyBytes} bytes` },
  );
}

function refuseTwins(policies: readonly Policy[]): void {
  const seen = new Map<string, Policy>();
  for (const policy of policies) {
    const twin = seen.get(policy.id);
    if (twin !== undefined) {
      const what = `\`@id("${policy.id}")\` stands at ${twin.place.file}:${twin.place.line} too`;
      throw new SourceError(policy.place, { what, mend: "give each policy an id of its own" });
    }
    seen.set(policy.id, policy);
  }
}

/**
 * Holds each policy to the schema, under every action that its scope allows.
 *
 * @returns what is no error and yet odd: policies that can never be satisfied.
 * @throws {SourceError} for the first error.
 */
export function validatePolicies(policies: readonly Policy[], schema: string): readonly string[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  const answer = validate({ schema, policies: { staticPolicies } });
  if (answer.type === "failure") throw new Error(answer.errors[0]?.message);
  const [first] = answer.validationErrors;
  if (first !== undefined) throw validationError(byId.get(first.policyId), first.error);
  const warnings = answer.validationWarnings.map(({ policyId, error }) => {
    const place = byId.get(policyId)?.place;
    return `${place?.file}:${place?.line}:${place?.column}: ${error.message}`;
  });
  return warnings.sort();
}

function validationError(policy: Policy | undefined, error: DetailedError): SourceError {
  const place = policy?.place ?? { file: "policies", line: 1, column: 1 };
  const inner = placeOf(
    { file: place.file, text: policy?.text ?? "" },
    offsetOf(policy?.text ?? "", error),
  );
  const column = inner.line === 1 ? place.column + inner.column - 1 : inner.column;
  return new SourceError(
    { file: place.file, line: place.line + inner.line - 1, column },
    { what: error.message, mend: error.help ?? "compare with the tools' manifests" },
  );
}

/** `offset` in UTF-16 units. */
function placeOf({ file, text }: PolicySource, offset: number): SourcePlace {
  const lines = text.slice(0, Math.max(offset, 0)).split("\n");
  return { file, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
