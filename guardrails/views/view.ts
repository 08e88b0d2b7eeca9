import type { Structure } from "../structure/structure.ts";

/** What a part of a text can be written in; the way back is known to everybody. */
export const layers = [
  "base64",
  "base32",
  "hex",
  "percent",
  "entities",
  "quoted-printable",
  "escapes",
  "packed",
  "markup",
  "hidden",
  "confusables",
  "spaced",
  "leetspeak",
  "rot13",
  "reversed",
] as const;
export type Layer = (typeof layers)[number];

/** Offsets in a text, UTF-16 units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One reading of a text: as it shows, or what a part of it says when it is decoded. */
export interface View {
  readonly text: string;
  /** What was taken off, outermost first; nothing of the text as it shows. */
  readonly layers: readonly Layer[];
  /** Where in the given text `text.slice(start, end)` stands. Of what was decoded whole: all of it. */
  original(start: number, end: number): Range;
  /** Words that are none as they stand here: another view has them as they are meant, and all around them. */
  readonly worn: readonly Range[];
  /** What it is made of; found out once, when it is asked for first. */
  readonly structure: () => Structure;
}

/** A part of a text, decoded. `place` maps offsets of `text` to the text that it was found in. */
export interface Decoded {
  readonly layer: Layer;
  readonly text: string;
  place(start: number, end: number): Range;
}
