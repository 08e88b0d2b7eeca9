import type { Range } from "../views/view.ts";

/** Where a part of a text stands that is not simply its prose. */
export type PlaceKind =
  /** A comment of markup: no reader sees it. */
  | "comment"
  /** Styled so that nobody sees it, or in an element that is not shown. */
  | "hidden"
  /** A value of an attribute, an alternative text, or a title of a link. */
  | "attribute"
  /** What is said of a page, a mail or a file, and is not in it. */
  | "metadata"
  /** A comment in source code, or a text that stands there for one. */
  | "code-comment"
  /** A string among the members of JSON, or of what is written like it. */
  | "field"
  /** A cell of a table of comma-separated values. */
  | "cell";

export interface Place extends Range {
  readonly kind: PlaceKind;
}

/** Whether words can stand in a part at all: what is shorter, or has no gap, says nothing. */
export function holdsWords(text: string, { start, end }: Range): boolean {
  return end - start >= 12 && gap.test(text.slice(start, end));
}

/** Two words, or letters of a writing without gaps. */
const gap = /[^\s\d\p{P}\p{S}]\s+[^\s\d\p{P}\p{S}]|\p{Lo}{4}/u;
