import { actionLimits } from "../../manifests/action-limits.ts";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { Digest } from "../../manifests/digest.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  pointerToken,
  valueAt,
} from "../../manifests/json.ts";
import type { Label } from "../../manifests/label.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";
import type { Identified } from "../state.ts";
import { resolveTokens } from "./resolve-tokens.ts";
import { askedBy } from "./withhold.ts";

/** A part of the arguments that the agent passes on without having read it. */
export interface Carried {
  /** JSON pointer into the arguments. */
  readonly path: string;
  readonly label: Label;
  /** Of what was redacted: what it is, and where in the text it stands now. */
  readonly token?: { readonly kind: string; readonly start: number; readonly end: number };
}

export interface Resolved extends Identified {
  /** What stands where the agent wrote a reference. */
  readonly carried: readonly Carried[];
  /** What the agent asked for in its own words. */
  readonly asked: Digest;
}

/**
 * Puts what references and tokens lead to where they stand, once: what comes with it is not looked at
 * for either. From here on nobody but the agent sees a reference, so that policy judges, and the
 * grant is bound to, what the tool is really given. A token of another session is a text like any.
 *
 * @throws {Refusal} `REFERENCE_UNKNOWN` for one that this session does not have, any more or at all;
 * `ARGUMENTS_INVALID` where they are too many or too long.
 */
export async function resolve(state: Identified, deps: Pick<Deps, "store">): Promise<Resolved> {
  const places = referencesIn(state.proposal.arguments);
  const asked = askedBy(state.proposal);
  const tokens = await resolveTokens(state, deps);
  if (places.length === 0 && tokens.carried.length === 0) return { ...state, carried: [], asked };
  if (places.length > actionLimits.referencesPerCall) {
    const most = `at most ${actionLimits.referencesPerCall} references in one call`;
    throw new Refusal("ARGUMENTS_INVALID", most);
  }
  const values = new Map<string, JsonValue>(tokens.texts);
  const carried: Carried[] = [...tokens.carried];
  for (const { path, text } of places) {
    const { value, label } = await follow(text, state.session.id, deps);
    values.set(path, value);
    carried.push({ path, label });
  }
  const args = withValues(state.proposal.arguments, "", values) as JsonObject;
  refuseLong(args);
  return { ...state, proposal: { ...state.proposal, arguments: args }, carried, asked };
}

interface Place {
  readonly path: string;
  /** The reference as the agent wrote it. */
  readonly text: string;
}

/** A whole text, and after `#` what part of the output is meant. */
const reference = /^(?<id>reference_[0-9a-f]{32})(?:#(?<pointer>(?:\/.*)?))?$/su;

/** In the values alone: a reference in a name is a name. */
function referencesIn(value: JsonValue, path = ""): readonly Place[] {
  if (typeof value === "string") return reference.test(value) ? [{ path, text: value }] : [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => referencesIn(item, `${path}/${index}`));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    referencesIn(member, `${path}/${pointerToken(key)}`),
  );
}

async function follow(
  text: string,
  session: string,
  { store }: Pick<Deps, "store">,
): Promise<{ readonly value: JsonValue; readonly label: Label }> {
  const { id = "", pointer = "" } = reference.exec(text)?.groups ?? {};
  const withheld = await store.withheld.find(id);
  const isOwn = withheld?.session === session;
  const isThere = withheld?.status === "held" || withheld?.status === "released";
  if (!isOwn || !isThere || withheld.output === undefined) throw new Refusal("REFERENCE_UNKNOWN");
  const value = valueAt(JSON.parse(withheld.output) as JsonValue, pointer);
  if (value === undefined) throw new Refusal("REFERENCE_UNKNOWN");
  return { value, label: withheld.label };
}

function withValues(
  value: JsonValue,
  path: string,
  values: ReadonlyMap<string, JsonValue>,
): JsonValue {
  const resolved = values.get(path);
  if (resolved !== undefined) return resolved;
  if (Array.isArray(value)) {
    return value.map((item, index) => withValues(item, `${path}/${index}`, values));
  }
  if (!isJsonObject(value)) return value;
  const object: JsonObject = Object.create(null);
  for (const [key, member] of Object.entries(value)) {
    object[key] = withValues(member, `${path}/${pointerToken(key)}`, values);
  }
  return object;
}

function refuseLong(args: JsonObject): void {
  const bytes = Buffer.byteLength(canonicalJson(args));
  if (bytes <= actionLimits.resolvedBytes) return;
  throw new Refusal("ARGUMENTS_INVALID", "what the references lead to is too long for one call");
}
