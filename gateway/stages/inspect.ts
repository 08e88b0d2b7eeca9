import { isHostile } from "../../guardrails/injection/injection.ts";
import { type Fields, weakestField } from "../../manifests/field-labels.ts";
import type { Finding } from "../../manifests/finding.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal, type RefusalCode } from "../../manifests/refusals.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import type { SandboxOutput } from "../../sandbox/sandbox.ts";
import type { Deps, Guard } from "../deps.ts";
import type { Inspected, Ran } from "../state.ts";
import type { Reached } from "../trace.ts";
import { findingKinds, scanWith } from "./check.ts";

/** Ring 9: what comes back fits its schema, carries no secret, and is labelled for what it is. */
export async function inspect(state: Ran, deps: Pick<Deps, "guards">): Promise<Inspected> {
  const result = await ranWell(state, deps.guards.output);
  const raw = await checkOutput(state, result.output, deps.guards.output);
  const outputFindings = await scanWith(deps.guards.output, raw, state.context);
  const output = deps.guards.output.redact(raw, outputFindings);
  const outputLabel = joinLabels(labelOfOutput(state, raw), labelOfFindings(outputFindings));
  state.trace.note("output-guard", {
    detectors: [...deps.guards.output.detectors],
    findings: findingKinds(outputFindings),
    label: { ...outputLabel },
  });
  return state.trace.reach({ ...state, result, output, outputLabel, outputFindings });
}

/** What a tool says of its failure is output too. */
async function ranWell(state: Ran, guard: Guard): Promise<SandboxOutput> {
  const { result } = state;
  if (result.kind === "output") return result;
  throw await refusalSaying(state, result, guard);
}

async function checkOutput(state: Ran, text: string, guard: Guard): Promise<JsonValue> {
  const output = parseOutput(text);
  const problem = state.tool.checkOutput(output);
  if (problem !== undefined) {
    throw await refusalSaying(state, { code: "OUTPUT_INVALID", detail: problem }, guard);
  }
  return output;
}

/** Half a surrogate, as where a sandbox cut the text, could not be written down. */
async function refusalSaying(
  { context }: Ran,
  said: { readonly code: RefusalCode; readonly detail: string },
  guard: Guard,
): Promise<Refusal> {
  const text = said.detail.toWellFormed();
  return new Refusal(said.code, String(guard.redact(text, await scanWith(guard, text, context))));
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
export function labelOfResult({ tool, argumentsLabel, result }: Reached): Label | undefined {
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
