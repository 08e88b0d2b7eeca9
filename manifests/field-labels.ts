import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { type Integrity, integrities } from "./label.ts";

/**
 * Whose word each part of a result is, by path: `$`, then `.name`, `["any name"]`, `.*` for every
 * member, `[*]` for every item. A path counts for all beneath it; the one that goes deepest decides,
 * and of those as deep the weaker. An object's keys are of the object itself.
 */
export type FieldLabels = Readonly<Record<string, Integrity>>;

const step = /\.(?<name>[A-Za-z_][\w-]*)|\.(?<any>\*)|\[(?<item>\*)\]|\["(?<quoted>[^"\\]+)"\]/y;

/** The steps of a path, `*` for any; undefined where it is none. */
export function stepsOf(path: string): readonly Step[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: Step[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const { groups } = step.exec(path) ?? {};
    if (!groups) return undefined;
    steps.push(stepOf(groups));
  }
  return steps;
}

function stepOf({ name, quoted, any }: { readonly [group: string]: string | undefined }): Step {
  const named = name ?? quoted;
  return named === undefined ? { any: any ? "member" : "item" } : { name: named };
}

/** A member by its name, every member, or every item of a list. */
export type Step = { readonly name: string } | { readonly any: "member" | "item" };

export interface Fields {
  /** Of whatever no path names. */
  readonly integrity: Integrity;
  readonly labels: FieldLabels;
}

/** A leaf, or a key of an object; a leaf in a list has the name of the list. */
export interface Field {
  readonly value: null | boolean | number | string;
  readonly integrity: Integrity;
  /** Of the member that holds it; empty for a key, and where there is none. */
  readonly name: string;
  /** The innermost object that holds it; undefined for one that stands in none, and for a key. */
  readonly record: JsonObject | undefined;
}

/** Calls `visit` for each leaf, and for each key of an object, with its own integrity. */
export function visitFields(value: JsonValue, fields: Fields, visit: (field: Field) => void): void {
  const root = treeOf(fields.labels);
  walk(
    value,
    { nodes: [root], integrity: root.integrity ?? fields.integrity, name: "", record: undefined },
    visit,
  );
}

/** As weak as the weakest part that is really there. */
export function weakestField(value: JsonValue, fields: Fields): Integrity {
  let weakest: Integrity = "trusted";
  visitFields(value, fields, ({ integrity }) => {
    weakest = weaker(weakest, integrity);
  });
  return weakest;
}

/** The parts of all paths as one tree, so that a value is walked through once. */
interface Node {
  integrity?: Integrity;
  readonly members: Map<string, Node>;
  /** What `.*` and `[*]` lead to. */
  readonly any: Map<"member" | "item", Node>;
}

function treeOf(labels: FieldLabels): Node {
  const root: Node = { members: new Map(), any: new Map() };
  for (const [path, integrity] of Object.entries(labels)) {
    let node = root;
    for (const each of stepsOf(path) ?? []) node = childOf(node, each);
    node.integrity = integrity;
  }
  return root;
}

function childOf(node: Node, each: Step): Node {
  if ("name" in each) return grown(node.members, each.name);
  return grown(node.any, each.any);
}

function grown<Key>(children: Map<Key, Node>, key: Key): Node {
  const child = children.get(key) ?? { members: new Map(), any: new Map() };
  children.set(key, child);
  return child;
}

interface Place extends Omit<Field, "value"> {
  readonly nodes: readonly Node[];
}

type Visit = Parameters<typeof visitFields>[2];

function walk(value: JsonValue, place: Place, visit: Visit): void {
  if (Array.isArray(value)) {
    const inside = enter(place, ({ any }) => [any.get("item")]);
    for (const item of value) walk(item, inside, visit);
  } else if (isJsonObject(value)) walkObject(value, place, visit);
  else visit({ value, integrity: place.integrity, name: place.name, record: place.record });
}

function walkObject(value: JsonObject, place: Place, visit: Visit): void {
  for (const key of Object.keys(value)) {
    visit({ value: key, integrity: place.integrity, name: "", record: undefined });
    const inside = enter(place, ({ members, any }) => [members.get(key), any.get("member")]);
    walk(value[key] as JsonValue, { ...inside, name: key, record: value }, visit);
  }
}

function enter(place: Place, into: (node: Node) => readonly (Node | undefined)[]): Place {
  if (place.nodes.length === 0) return place;
  const nodes = place.nodes.flatMap(into).filter((node) => node !== undefined);
  const named = nodes.flatMap(({ integrity }) => integrity ?? []);
  return {
    ...place,
    nodes,
    integrity: named.length === 0 ? place.integrity : named.reduce(weaker),
  };
}

function weaker(a: Integrity, b: Integrity): Integrity {
  return integrities.indexOf(a) >= integrities.indexOf(b) ? a : b;
}
