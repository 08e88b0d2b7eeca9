import type { CedarValueJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { JsonObject, JsonValue } from "../manifests/json.ts";
import { isEndorsed } from "../manifests/label.ts";
import type { CedarType, RecordType } from "./cedar-type.ts";
import type { Mask, Reads } from "./reads.ts";
import type { PolicyRequest, RoleFacts } from "./request.ts";
import { sessionType } from "./schema.ts";

type CedarRecord = Record<string, CedarValueJson>;

/** A request as Cedar takes it: only what may be read, and nothing that Cedar has no type for. */
export interface Facts {
  /** Left out where no condition reads it; what scopes ask of it is settled by the slice. */
  readonly principal?: Principal;
  readonly session: { readonly id: string; readonly attributes: CedarRecord };
  readonly context: CedarRecord;
}

export interface Principal {
  readonly id: string;
  readonly groups: readonly string[];
}

/** The one encoder. `contextType` is the tool's; everything outside of `reads` is left out. */
export function encodeFacts(request: PolicyRequest, reads: Reads, contextType: RecordType): Facts {
  const { principal, session } = request;
  return {
    ...(reads.principal && { principal: { id: principal.id, groups: principal.groups } }),
    session: {
      id: reads.resource === "all" ? session.id : "",
      attributes: encodeRecord(sessionType, session, reads.resource),
    },
    context: encodeRecord(contextType, contextOf(request), reads.context),
  };
}

function contextOf(request: PolicyRequest): object {
  return {
    args: request.arguments,
    roles: Object.fromEntries(
      Object.entries(request.roles).map(([role, facts]) => [role, encodeRole(facts)]),
    ),
    ...(request.asked !== undefined && { asked: request.asked }),
    ...(request.tokens && { tokens: encodeTokens(request.tokens) }),
    findings: withFamilies(request.findings),
    needs: request.needs,
  };
}

function encodeRole({ weakest, count }: RoleFacts): JsonObject {
  return { weakest, count, endorsed: isEndorsed(weakest) };
}

function encodeTokens({ kinds, roles }: NonNullable<PolicyRequest["tokens"]>): JsonObject {
  return { kinds: [...withFamilies(kinds)], roles: [...roles] };
}

/** Cedar cannot match part of a set's element: `secret:aws-key` stands beside plain `secret`. */
function withFamilies(findings: readonly string[]): readonly string[] {
  const families = findings.map((kind) => kind.split(":", 1)[0] ?? kind);
  return [...new Set([...findings, ...families])];
}

function encodeRecord(type: RecordType, value: object, mask: Mask): CedarRecord {
  const encoded: CedarRecord = {};
  for (const name of mask === "all" ? type.attributes.keys() : mask.keys()) {
    const attribute = type.attributes.get(name);
    const member = Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
    if (attribute === undefined || member === undefined || member === null) continue;
    encoded[name] = encodeValue(attribute.type, member, maskOf(mask, name));
  }
  return encoded;
}

function maskOf(mask: Mask, name: string): Mask {
  return mask === "all" ? mask : (mask.get(name) ?? "all");
}

/** @throws {TypeError} for a value that its JSON Schema refuses: it should not have come here. */
function encodeValue(type: CedarType, value: JsonValue, mask: Mask): CedarValueJson {
  switch (type) {
    case "String":
      return expectType(value, "string");
    case "Bool":
      return expectType(value, "boolean");
    case "Long":
      return encodeLong(expectType<number>(value, "number"));
    case "decimal":
      return encodeDecimal(expectType<number>(value, "number"));
    default:
      return "set" in type ? encodeSet(type.set, value) : encodeObject(type, value, mask);
  }
}

function encodeObject(type: RecordType, value: JsonValue, mask: Mask): CedarRecord {
  return encodeRecord(type, expectType<JsonObject>(value, "object"), mask);
}

function encodeSet(element: "String" | "Long", value: JsonValue): CedarValueJson[] {
  if (!Array.isArray(value)) throw new TypeError("an argument is not what its schema says");
  return value.map((item) => encodeValue(element, item, "all"));
}

function expectType<T extends JsonValue>(value: JsonValue, name: string): T {
  if (typeof value === name) return value as T;
  throw new TypeError("an argument is not what its schema says");
}

/**
 * A number that Cedar cannot hold exactly is given as a string. A policy that computes with it then
 * errs, which is a deny; leaving it out would let it slip past a `forbid` that asks `has` first.
 */
function encodeLong(value: number): CedarValueJson {
  return Number.isSafeInteger(value) ? value : String(value);
}

/** Below this a double with four fractional digits survives the way there and back. */
const decimalMax = 100_000_000_000;

function encodeDecimal(value: number): CedarValueJson {
  const text = value.toFixed(4);
  if (Math.abs(value) > decimalMax || Number(text) !== value) return String(value);
  return { __extn: { fn: "decimal", arg: text } };
}
