import { isJsonObject, type JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";

/** A type that policies see. It is written into the Cedar schema, and it drives the encoder. */
export type CedarType = "String" | "Long" | "Bool" | "decimal" | SetType | RecordType;

export interface SetType {
  readonly set: "String" | "Long";
}

export interface RecordType {
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Attribute {
  readonly type: CedarType;
  readonly required: boolean;
}

export function recordType(attributes: Readonly<Record<string, Attribute>>): RecordType {
  return { attributes: new Map(Object.entries(attributes)) };
}

/** The type in Cedar's schema language. */
export function typeText(type: CedarType): string {
  if (typeof type === "string") return type;
  if ("set" in type) return `Set<${type.set}>`;
  const attributes = [...type.attributes].map(
    ([name, { type: inner, required }]) =>
      `${JSON.stringify(name)}${required ? "" : "?"}: ${typeText(inner)}`,
  );
  return `{ ${attributes.join(", ")} }`;
}

/**
 * The type of what a JSON Schema describes, or nothing where Cedar has no type that every valid
 * value surely has; policies then do not see the value at all. Only what `type` says outright
 * counts: other keywords may narrow a value further, never widen it.
 */
export function typeOfSchema(schema: JsonValue | undefined, depth = 0): CedarType | undefined {
  if (!isJsonObject(schema) || depth > limits.jsonDepth) return undefined;
  const [name] = typeNames(schema["type"]);
  switch (name) {
    case "string":
      return "String";
    case "integer":
      return "Long";
    case "boolean":
      return "Bool";
    case "number":
      return "decimal";
    case "array":
      return typeOfArray(schema);
    case "object":
      return typeOfObject(schema, depth);
    default:
      return undefined;
  }
}

/** The one type beside `null`; none where there are several. */
function typeNames(type: JsonValue | undefined): readonly JsonValue[] {
  const names = (Array.isArray(type) ? type : [type]).filter((name) => name !== "null");
  return names.length === 1 ? (names as JsonValue[]) : [];
}

function typeOfArray(schema: { [key: string]: JsonValue }): SetType | undefined {
  const items = schema["items"];
  if (!isJsonObject(items) || "prefixItems" in schema) return undefined;
  if (items["type"] === "string") return { set: "String" };
  return items["type"] === "integer" ? { set: "Long" } : undefined;
}

function typeOfObject(schema: { [key: string]: JsonValue }, depth: number): RecordType {
  const attributes = new Map<string, Attribute>();
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  for (const [name, property] of Object.entries(properties)) {
    const type = isAttributeName(name) ? typeOfSchema(property, depth + 1) : undefined;
    const mayBeNull = isJsonObject(property) && Array.isArray(property["type"]);
    if (type !== undefined) {
      attributes.set(name, { type, required: required.includes(name) && !mayBeNull });
    }
  }
  return { attributes };
}

/** Cedar reads `__entity` and `__extn` in a value as orders: no argument may be called so. */
function isAttributeName(name: string): boolean {
  return /^[\w.$ :-]{1,64}$/.test(name) && !name.startsWith("__");
}
