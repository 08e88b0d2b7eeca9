import type { Disguise } from "../normalise.ts";
import type { Change } from "./rewritten.ts";

/**
 * What characters say that nobody sees: tags stand for ASCII, and each of the 256 selectors of variants
 * for a byte. Models read both.
 */
export function hiddenIn(text: string, disguises: readonly Disguise[]): readonly Change[] {
  return disguises.flatMap(({ kind, start, end }) => {
    const bytesOf = decoders[kind];
    if (!bytesOf) return [];
    const codePoints = Array.from(text.slice(start, end), (one) => one.codePointAt(0) ?? 0);
    const shown = Buffer.from(bytesOf(codePoints)).toString("utf8");
    return isSaying.test(shown) ? [{ start, end, shown }] : [];
  });
}

type Bytes = (codePoints: readonly number[]) => number[];

const decoders: Readonly<Partial<Record<Disguise["kind"], Bytes>>> = {
  tags: (codePoints) => codePoints.map((codePoint) => codePoint & 0x7f),
  variation: (codePoints) => codePoints.map(selectedByte),
};

function selectedByte(selector: number): number {
  return selector < 0xe0100 ? selector - 0xfe00 : selector - 0xe0100 + 16;
}

/** A selector behind a sign that it does not belong to says nothing by itself. */
const isSaying = /[!-~]/;
