import type { Range } from "./view.ts";

/** `source` reads as `shown`; `at` is where it begins in the given text. */
export interface Piece {
  readonly source: string;
  readonly shown: string;
  readonly at: number;
}

export interface Assembled {
  readonly text: string;
  /** The part of the given text that reads as `text.slice(start, end)`. */
  original(start: number, end: number): Range;
}

/** Puts pieces together, and knows of each offset where it was. */
export function assemble(pieces: readonly Piece[]): Assembled {
  const starts: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    starts.push(length);
    length += piece.shown.length;
  }
  const place = (offset: number): Place | undefined => {
    const index = lastAtMost(starts, offset);
    const piece = pieces[index];
    return piece && { piece, inside: offset - (starts[index] ?? 0) };
  };
  return {
    text: pieces.map((piece) => piece.shown).join(""),
    original(start, end) {
      const first = place(start);
      const last = place(end - 1);
      return { start: first ? startOf(first) : 0, end: last ? endOf(last) : 0 };
    },
  };
}

interface Place {
  readonly piece: Piece;
  readonly inside: number;
}

function startOf({ piece, inside }: Place): number {
  return piece.source === piece.shown ? piece.at + inside : piece.at;
}

function endOf({ piece, inside }: Place): number {
  return piece.source === piece.shown ? piece.at + inside + 1 : piece.at + piece.source.length;
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
