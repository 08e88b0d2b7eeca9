import type { Context } from "../../guardrails/detector.ts";
import { findingsLimit } from "../../guardrails/scan.ts";
import type { Suppressed } from "../../guardrails/suppressions/suppressor.ts";
import { canonicalJson } from "../../manifests/canonical.ts";
import { digestJson, digestParts } from "../../manifests/digest.ts";
import type { Finding } from "../../manifests/finding.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import type { Manifest, Role } from "../../manifests/manifest.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps, Guard } from "../deps.ts";
import { Ended } from "../ended.ts";
import type { Checked, Identified } from "../state.ts";
import { type Resolved, resolve } from "./resolve.ts";
import { endLookedAt } from "./withhold.ts";

type Needs = Pick<Deps, "clock" | "guards" | "store">;

/** Rings 2 and 3: the call is new, its arguments fit the schema, and the guards have read them. */
export async function check(identified: Identified, deps: Needs): Promise<Checked> {
  const requestDigest = digestJson("request", identified.proposal as unknown as JsonValue);
  await endRepeated({ ...identified, requestDigest }, deps);
  await endLookedAt(identified, deps);
  const state = await resolve(identified, deps);
  const argumentsText = checkArguments(state);
  const findings = await scanArguments(state, deps);
  refuseFindings(state.tool.manifest, findings);
  const argumentsDigest = digestParts("arguments", [argumentsText]);
  return state.trace.reach({ ...state, requestDigest, argumentsText, argumentsDigest, findings });
}

/** The same key and body again get the first answer again; `admit` decides when two race. */
export async function endRepeated(
  state: Identified & Pick<Checked, "requestDigest">,
  deps: Pick<Deps, "store">,
): Promise<void> {
  if (state.idempotencyKey === undefined) return;
  const earlier = await deps.store.calls.findIdempotent(state.session.id, state.idempotencyKey);
  if (earlier === undefined) return;
  if (earlier.body !== state.requestDigest) throw new Refusal("IDEMPOTENCY_MISMATCH");
  const { answer } = earlier.call;
  if (answer === undefined) throw new Refusal("IDEMPOTENCY_IN_PROGRESS");
  throw new Ended({ kind: "repeated", answer });
}

function checkArguments(state: Resolved): string {
  const problem = state.tool.checkArguments(state.proposal.arguments);
  // What a reference leads to is not to be read off what is wrong with it.
  const detail = state.carried.length === 0 ? problem : undefined;
  if (problem !== undefined) throw new Refusal("ARGUMENTS_INVALID", detail);
  const text = canonicalJson(state.proposal.arguments);
  const references = state.carried.length;
  state.trace.note("schema", {
    bytes: Buffer.byteLength(text),
    ...(references > 0 && { references }),
  });
  return text;
}

async function scanArguments(state: Resolved, deps: Needs): Promise<readonly Finding[]> {
  const { input, suppressor } = deps.guards;
  const value = state.proposal.arguments;
  const all = await scanWith(input, value, state.context);
  const scanned = { tool: state.tool.manifest.name, value, now: deps.clock.now() };
  const own = all.filter((finding) => !isOfToken(finding, state.carried));
  const { findings, suppressed } = suppressor.suppress(own, { ...scanned, in: "arguments" });
  state.trace.note("input-guard", {
    detectors: [...input.detectors],
    findings: findingKinds(findings),
    ...noteOf(suppressed),
  });
  return findings;
}

/** What stands where a token stood is known for what it is: policy is told of it as that. */
function isOfToken({ path, start, end }: Finding, carried: Resolved["carried"]): boolean {
  return carried.some(
    ({ path: place, token }) =>
      token !== undefined && path === place && token.start <= start && end <= token.end,
  );
}

/** Which suppressions were used, and how often; the agent is told nothing of it. */
export function noteOf(suppressed: Suppressed["suppressed"]): JsonObject {
  return Object.keys(suppressed).length === 0 ? {} : { suppressed: { ...suppressed } };
}

/** A detector that fails has not looked; what nobody has looked at does not pass. */
export async function scanWith(
  guard: Guard,
  value: JsonValue,
  context: Context,
): Promise<readonly Finding[]> {
  try {
    return await guard.scan(value, context);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("DETECTOR_FAILED", undefined, { cause });
  }
}

/** Roles whose value names a place or an order: a reader must see what a machine will do. */
const plainRoles: readonly Role[] = ["destination", "identifier", "command", "path"];

/** Of these each finding counts; of others the list names each kind, however many there are. */
const counted: readonly string[] = ["secrets", "disguise"];

/** What no policy may wave through. Every other finding is a fact that policy sees. */
function refuseFindings(manifest: Manifest, findings: readonly Finding[]): void {
  for (const { kind, path } of findings) {
    const argument = argumentAt(path);
    if (kind.startsWith("secret:") && manifest.effects.includes("external")) {
      throw new Refusal("SECRET_IN_ARGUMENTS", `\`${argument}\` carries what looks like a secret`);
    }
    if (
      kind.startsWith("disguise:") &&
      plainRoles.includes(manifest.roles[argument] ?? "content")
    ) {
      throw new Refusal("TEXT_DISGUISED", `\`${argument}\` carries ${kind.slice(9)} characters`);
    }
  }
  if (findings.some(({ kind, detector }) => kind === findingsLimit && counted.includes(detector))) {
    throw new Refusal("SCAN_LIMIT", "more findings than are listed");
  }
}

/** The name of the argument that a JSON pointer leads into. */
function argumentAt(path: string): string {
  return (path.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Each kind once, sorted: what policy, record and agent are told of findings. */
export function findingKinds(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => finding.kind))].sort();
}
