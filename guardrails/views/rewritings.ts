import { asTheyLook } from "./confusables.ts";
import { withoutLeetspeak } from "./leetspeak.ts";
import { type Change, type Rewritten, rewritten } from "./rewritten.ts";
import { reversed, rotated } from "./rotations.ts";
import { joined } from "./spaced.ts";
import { substitutions } from "./substitutions.ts";
import type { Survey } from "./survey.ts";
import type { Layer, Range, View } from "./view.ts";

/** A way in which parts of a text may be written, in the middle of others that are not. */
export interface Rewriting {
  readonly layer: Layer;
  /** What reads otherwise, in order; several where it can be read in several ways. */
  readings(text: string, found: Survey): readonly (readonly Change[])[];
  /** Whether what it makes may look as if it had to be done again. */
  readonly isOnce?: boolean;
}

const rewritings: readonly Rewriting[] = [
  ...substitutions,
  {
    layer: "confusables",
    readings: (text, { hasForeign }) => (hasForeign ? [[...asTheyLook(text)]] : []),
  },
  { layer: "spaced", readings: (text, { isSpaced }) => (isSpaced ? [[...joined(text)]] : []) },
  { layer: "leetspeak", readings: (text, { isMixed }) => (isMixed ? withoutLeetspeak(text) : []) },
  {
    ...{ layer: "rot13", isOnce: true },
    readings: (text, { isRotated }) => (isRotated ? [rotated(text)] : []),
  },
  {
    ...{ layer: "reversed", isOnce: true },
    readings: (text, { isReversed }) => (isReversed ? reversed(text) : []),
  },
];

/** Where in a text it was changed last. */
export interface Origin {
  readonly changed: readonly Range[];
}

export interface Reread extends Rewritten {
  readonly layers: readonly Layer[];
  /** What reads otherwise, where it stands in the text. */
  readonly changes: readonly Change[];
}

/**
 * What a text reads where each way is taken off by itself, and where all are at once. In one that was
 * made so, only what touches what was changed is new.
 */
export function* rereadings(
  { text, layers: taken }: View,
  found: Survey,
  origin?: Origin,
): Generator<Reread> {
  const isNew = ({ changes }: Ways): boolean =>
    changes.length > 0 && (!origin || areAmong(changes, origin.changed));
  const all = rewritings
    .filter(({ layer, isOnce }) => !(isOnce && taken.includes(layer)))
    .flatMap(({ layer, readings }) =>
      readings(text, found).map((changes) => ({ layers: [layer], changes })),
    )
    .filter(isNew);
  for (const { layers, changes } of all.length > 1 ? [...all, together(all)] : all) {
    const read = rewritten(text, changes);
    if (read) yield { ...read, layers, changes };
  }
}

interface Ways {
  readonly layers: readonly Layer[];
  readonly changes: readonly Change[];
}

/** Of two that overlap, the one that begins first. */
function together(all: readonly Ways[]): Ways {
  const changes = all.flatMap((one) => one.changes).toSorted((a, b) => a.start - b.start);
  let end = 0;
  const kept = changes.filter((change) => {
    if (change.start < end) return false;
    end = change.end;
    return true;
  });
  return { layers: [...new Set(all.flatMap(({ layers }) => layers))], changes: kept };
}

/** Whether any of these touches any of those; both are in order. */
function areAmong(these: readonly Range[], those: readonly Range[]): boolean {
  let next = 0;
  return these.some(({ start, end }) => {
    while ((those[next]?.end ?? end) < start) next += 1;
    return (those[next]?.start ?? end + 1) <= end;
  });
}
