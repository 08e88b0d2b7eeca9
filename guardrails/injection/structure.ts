import type { Finding } from "../../manifests/finding.ts";
import { structureLimits } from "../../manifests/structure-limits.ts";
import type { Context, Document } from "../detector.ts";
import type { Disguise } from "../normalise.ts";
import type { Place, PlaceKind } from "../structure/place.ts";
import type { Range, View } from "../views/view.ts";
import { addressesModel } from "./structure-address.ts";
import { imitatedRoles } from "./structure-marks.ts";
import { strongestOrder } from "./structure-orders.ts";
import { toolOrders } from "./structure-tools.ts";

/** Part of a view, and what it is. */
export interface Trace extends Range {
  readonly name: string;
  /** From 0 to 1: how sure it is by itself. */
  readonly score: number;
}

/**
 * What a text is, and where its words stand, as evidence of orders to a model: `injection:structure-<name>`,
 * each name once, for where it is surest.
 */
export function structureFindings(document: Document, context: Context): readonly Finding[] {
  const surest = new Map<string, Finding>();
  const add = ({ name, score }: Trace, { start, end }: Range): void => {
    if ((surest.get(name)?.score ?? 0) >= score) return;
    const kind = `injection:structure-${name}`;
    surest.set(name, { detector: "injection", kind, path: document.path, start, end, score });
  };
  const { all, disguises } = document.views();
  for (const trace of invisibleOrders(document.text, disguises)) add(trace, trace);
  if (isField(document)) {
    const field = { kind: "field", start: 0, end: document.text.length } as const;
    for (const trace of traceOfPlace(document.text, field)) add(trace, trace);
  }
  const isSpaced = disguises.length >= invisibleRuns;
  for (const [index, view] of all.entries()) {
    for (const trace of tracesIn(view, { context, isDisguised: index === 0 && isSpaced })) {
      add(trace, view.original(trace.start, trace.end));
    }
  }
  return [...surest.values()];
}

/** Runs of invisible characters between the letters of a text, from which on they disguise it. */
const invisibleRuns = 8;

/** A short value of a JSON document is what a member of JSON in a text is. */
function isField({ text, path }: Document): boolean {
  return path !== "" && text.length <= structureLimits.fieldChars && !text.includes("\n");
}

interface Reading {
  readonly context: Context;
  /** Whether the text as it shows was given in another way. */
  readonly isDisguised: boolean;
}

function* tracesIn(view: View, { context, isDisguised }: Reading): Generator<Trace> {
  yield* imitatedRoles(view.text);
  yield* addressesModel(view.text);
  yield* toolOrders(view.text, context.tools);
  for (const place of view.structure().places) yield* traceOfPlace(view.text, place);
  if (isDisguised || view.layers.some((layer) => !plain.has(layer))) yield* decodedOrder(view.text);
}

/** Layers that honest texts are written in, too, so that what they say is no more telling for it. */
const plain: ReadonlySet<string> = new Set([
  ...["entities", "percent", "quoted-printable", "escapes", "markup"],
]);

/** How sure an order is by where it stands: from which strength on. */
const scores: Readonly<Record<PlaceKind, readonly (readonly [strength: number, score: number])[]>> =
  {
    hidden: steps(1.5, 2.5, 3),
    comment: steps(2, 2.5, 3),
    attribute: steps(2, 2.5, 3),
    metadata: steps(2, 3, 3.5),
    "code-comment": steps(2, 3, 3.5),
    field: steps(2, 3, 3.5),
    cell: steps(2, 3, 3.5),
  };

function steps(some: number, more: number, most: number): readonly (readonly [number, number])[] {
  return [
    [most, 0.95],
    [more, 0.8],
    [some, 0.4],
  ];
}

function scoreOf(kind: PlaceKind, strength: number): number {
  return scores[kind].find(([least]) => strength >= least)?.[1] ?? 0;
}

function* traceOfPlace(text: string, { kind, start, end }: Place): Generator<Trace> {
  const order = strongestOrder(text.slice(start, end));
  const score = scoreOf(kind, order?.strength ?? 0);
  const name = unseen.has(kind) ? "hidden" : "genre";
  if (order && score > 0) yield { name, score, start: start + order.start, end: start + order.end };
}

/** Nobody but a program reads what stands there. */
const unseen: ReadonlySet<PlaceKind> = new Set(["hidden", "comment", "attribute", "metadata"]);

/** Who writes an order so that people do not read it, has a reader in mind that does. */
function* decodedOrder(text: string): Generator<Trace> {
  const order = strongestOrder(text);
  const score = scoreOf("comment", order?.strength ?? 0);
  if (order && score > 0) yield { name: "disguised", score, start: order.start, end: order.end };
}

/** Tags are letters that nobody sees, and no honest text has words of them. */
function* invisibleOrders(text: string, disguises: readonly Disguise[]): Generator<Trace> {
  for (const { kind, start, end } of disguises) {
    if (kind !== "tags" || end - start < 24) continue;
    const said = text
      .slice(start, end)
      .replace(/\udb40[\udc20-\udc7e]/g, (tag) => String.fromCharCode(tag.charCodeAt(1) - 0xdc00));
    if (/[a-z]{2} [a-z]{2}/i.test(said)) yield { name: "disguised", start, end, score: 0.85 };
  }
}
