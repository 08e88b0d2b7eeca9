import { atLeast, type Handling, handlingOf } from "../../guardrails/actions.ts";
import { isHostile } from "../../guardrails/injection/score.ts";
import type { DefusedJson, Heard } from "../../guardrails/output/defuse-json.ts";
import type { Suppressed } from "../../guardrails/suppressions/suppressor.ts";
import { type ActionsByKind, actionOn, untrustedResult } from "../../manifests/action.ts";
import { type Fields, weakestField } from "../../manifests/field-labels.ts";
import type { Finding } from "../../manifests/finding.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal, type RefusalCode } from "../../manifests/refusals.ts";
import { spotlit } from "../../manifests/spotlight.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import type { SandboxOutput } from "../../sandbox/sandbox.ts";
import type { Deps, Guard, Guards } from "../deps.ts";
import type { Inspected, Ran } from "../state.ts";
import { Tokens } from "../tokens.ts";
import type { Reached } from "../trace.ts";
import { findingKinds, noteOf, scanWith } from "./check.ts";
import { type HandOverNeeds, handOver } from "./hand-over.ts";

/** Ring 9: what comes back fits its schema, carries no secret, and is labelled for what it is. */
export async function inspect(state: Ran, deps: Needs): Promise<Inspected> {
  const result = await ranWell(state, deps);
  const raw = await checkOutput(state, result.output, deps);
  const { found, findings: outputFindings, suppressed } = await scanOutput(state, raw, deps);
  const outputLabel = joinLabels(labelOfOutput(state, raw), labelOfFindings(outputFindings));
  const handling = handlingFor(state, { outputFindings, outputLabel }, deps);
  const heard = { raw, found, left: outputFindings };
  const tokens = new Tokens(state.session.id, deps.store.tokens);
  const { value: output, changed } = madeHarmless(heard, handling, { ...deps.guards, tokens });
  state.trace.note("output-guard", {
    detectors: [...deps.guards.output.detectors],
    findings: findingKinds(outputFindings),
    label: { ...outputLabel },
    actions: [...handling.actions],
    ...(Object.keys(changed).length > 0 && { defused: { ...changed } }),
    ...noteOf(suppressed),
  });
  const read = { output, outputLabel, outputFindings, tokens: tokens.issued };
  const inspected = state.trace.reach({ ...state, result, ...read });
  return state.trace.reach({ ...inspected, handed: handOver(state, { output, handling }, deps) });
}

type Needs = HandOverNeeds & Pick<Deps, "guards" | "store">;

interface ScannedOutput extends Suppressed {
  /** With those that are suppressed. */
  readonly found: readonly Finding[];
}

async function scanOutput(state: Ran, value: JsonValue, deps: Needs): Promise<ScannedOutput> {
  const { output, suppressor } = deps.guards;
  const found = await scanWith(output, value, state.context);
  const scanned = { tool: state.tool.manifest.name, value, now: deps.clock.now() };
  return { found, ...suppressor.suppress(found, { ...scanned, in: "result" }) };
}

/** Redacted first: a token in the place of a secret may make a link of what was none. */
function madeHarmless(
  heard: Heard,
  { redacts }: Handling,
  { output, tokens }: Makers,
): DefusedJson {
  const redacted = output.redact(heard.raw, heard.left, { redacts, token: tokens.issue });
  return output.defuse(redacted, heard);
}

interface Makers {
  readonly output: Guard;
  readonly tokens: Tokens;
}

/** What was made of an output that the agent may not read may it not read either. */
function handlingFor(
  state: Ran,
  read: Pick<Inspected, "outputFindings" | "outputLabel">,
  { guards }: Pick<Needs, "guards">,
): Handling {
  const isUntrusted = read.outputLabel.integrity === "untrusted";
  const handling = handlingOf(read.outputFindings, askedOf(state, guards), isUntrusted);
  return state.carried.length === 0 ? handling : atLeast("quarantine", handling, "reference");
}

/** The deployment, the tool's own manifest, and policy for this call: nobody takes back the other's. */
function askedOf({ tool, outputActions }: Ran, { actions }: Guards): readonly ActionsByKind[] {
  return [actions, tool.manifest.output.actions, outputActions];
}

/** What a tool says of its failure is output too. */
async function ranWell(state: Ran, deps: Needs): Promise<SandboxOutput> {
  const { result } = state;
  if (result.kind === "output") return result;
  throw await refusalSaying(state, result, deps);
}

async function checkOutput(state: Ran, text: string, deps: Needs): Promise<JsonValue> {
  const output = parseOutput(text);
  const problem = state.tool.checkOutput(output);
  if (problem !== undefined) {
    throw await refusalSaying(state, { code: "OUTPUT_INVALID", detail: problem }, deps);
  }
  return output;
}

/**
 * Half a surrogate, as where a sandbox cut the text, could not be written down. A text in which
 * something was found that would mark or withhold an output is not told at all as an error.
 */
async function refusalSaying(
  state: Ran,
  said: { readonly code: RefusalCode; readonly detail: string },
  deps: Needs,
): Promise<Refusal> {
  const { carried, context, session } = state;
  const { guards, store } = deps;
  const text = said.detail.toWellFormed();
  const findings = await scanWith(guards.output, text, context);
  const handling = handlingOf(findings, askedOf(state, guards));
  if (handling.whole !== "record" || carried.length > 0) return new Refusal(said.code);
  const heard = { raw: text, found: findings, left: findings };
  const tokens = new Tokens(session.id, store.tokens);
  const { value } = madeHarmless(heard, handling, { ...guards, tokens });
  return new Refusal(said.code, tellable(String(value), state, deps));
}

/** What is done with each untrusted result is done with what an untrusted tool says of its failure. */
function tellable(text: string, state: Ran, { guards, newSeed }: Needs): string | undefined {
  const isUntrusted = labelOf(state).integrity === "untrusted";
  const action = isUntrusted ? actionOn(untrustedResult, askedOf(state, guards)) : "record";
  if (action === "record") return text;
  return action === "annotate" ? spotlit(text, newSeed).output : undefined;
}

/** The guest wrote this text: it is read as strictly as anything from outside. */
function parseOutput(text: string): JsonValue {
  try {
    return parseStrictJson(text);
  } catch (cause) {
    throw new Refusal("OUTPUT_INVALID", "the tool's output is not strict JSON", { cause });
  }
}

/** Of what came back, each part has its own integrity: a list without entries holds no stranger's word. */
function labelOfOutput(state: LabelParts, output: JsonValue): Label {
  const { confidentiality, ...fields } = state.tool.manifest.output;
  return joinLabels(labelOfMakings(state), {
    integrity: weakestField(output, fields),
    confidentiality,
  });
}

/**
 * Whose word each part of an output is: as the manifest tells them apart, where nobody weaker had a
 * hand in all of it. Undefined where all of it is of one label.
 */
export function fieldsOf(state: Inspected): Fields | undefined {
  const { integrity, labels } = state.tool.manifest.output;
  const makings = joinLabels(labelOfMakings(state), labelOfFindings(state.outputFindings));
  const isOne = Object.keys(labels).length === 0 || makings.integrity === "untrusted";
  return isOne ? undefined : { integrity, labels };
}

/** As weak as the weakest of the manifest's ceiling, the arguments, and what the call read. */
function labelOf(state: LabelParts): Label {
  const { integrity, confidentiality } = state.tool.manifest.output;
  return joinLabels({ integrity, confidentiality }, labelOfMakings(state));
}

/** Of what a call was told and what it read. */
function labelOfMakings({ argumentsLabel, result }: LabelParts): Label {
  return joinLabels(argumentsLabel, result.read);
}

/** Nobody who is trusted gives orders to a model in what a tool hands over. */
function labelOfFindings(findings: readonly Finding[]): Label {
  return isHostile(findings) ? { ...cleanLabel, integrity: "untrusted" } : cleanLabel;
}

type LabelParts = Pick<Ran, "tool" | "argumentsLabel" | "result">;

/** The label of whatever a call hands over, an error's text too; undefined where nothing ran. */
export function labelOfResult(reached: Reached): Label | undefined {
  const { tool, argumentsLabel, result, outputLabel } = reached;
  if (outputLabel !== undefined) return outputLabel;
  if (tool === undefined || argumentsLabel === undefined || result === undefined) return undefined;
  return labelOf({ tool, argumentsLabel, result });
}

/** What the agent is told of findings: kinds and how many. */
export function countFindings(findings: readonly Finding[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of findings.slice(0, limits.findingsPerCall)) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
