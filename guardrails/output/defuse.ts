import { type Assembled, Pieces } from "../views/pieces.ts";
import { bidiEdits } from "./bidi.ts";
import { type ActiveKind, type Edit, inOrder } from "./edit.ts";
import { htmlEdits } from "./html.ts";
import { linkEdits } from "./links.ts";
import { codeIn } from "./markdown-code.ts";
import { terminalEdits } from "./terminal.ts";
import { Work } from "./work.ts";

/** A text without what is active in it, and what that was, with its places in the given text. */
export interface Defused {
  readonly text: string;
  readonly edits: readonly Edit[];
}

/**
 * Makes a text harmless to show: in a terminal, as HTML and as Markdown. Only what one of them would
 * act on is changed, and every reader can still tell what it was. What comes out is left as it is
 * when it is given again. Kinds that are spared stay as they are.
 */
export function defuse(
  text: string,
  isSpared: (kind: ActiveKind) => boolean = () => false,
): Defused {
  if (!mayBeActive.test(text)) return { text, edits: [] };
  const found: Edit[] = [];
  let shown: Assembled = { text, original: (start, end) => ({ start, end }) };
  for (const editsOf of stages) {
    const edits = inOrder(editsOf(shown.text).filter(({ kind }) => !isSpared(kind)));
    if (edits.length === 0) continue;
    const before = shown;
    for (const edit of edits) found.push({ ...edit, ...before.original(edit.start, edit.end) });
    shown = composed(edited(shown.text, edits), before);
  }
  return { text: shown.text, edits: found };
}

/** Each reads what the one before it leaves: a terminal's escapes may stand in the name of a tag. */
const stages: readonly ((text: string) => readonly Edit[])[] = [
  (text) => [...terminalEdits(text), ...bidiEdits(text)],
  (text) => outsideCode(text, htmlEdits(text, new Work(text))),
  (text) => outsideCode(text, linkEdits(text, new Work(text))),
];

/** A viewer of Markdown shows code as it is, and so does a manual that tells of an attack. */
function outsideCode(text: string, edits: readonly Edit[]): readonly Edit[] {
  if (edits.length === 0) return edits;
  const code = codeIn(text);
  let next = 0;
  return edits
    .toSorted((a, b) => a.start - b.start)
    .filter(({ start }) => {
      while ((code[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1;
      return start < (code[next]?.start ?? Number.POSITIVE_INFINITY);
    });
}

/** A necessary condition of all of it, in one pass. */
const mayBeActive =
  /(?![\t\n\f\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\r(?!\n)|<[a-z?]|\][(:]|:\/\/|www\.|mailto:/iu;

function composed(after: Assembled, before: Assembled): Assembled {
  return {
    text: after.text,
    original(start, end) {
      const { start: from, end: to } = after.original(start, end);
      return before.original(from, to);
    },
  };
}

function edited(text: string, edits: readonly Edit[]): Assembled {
  const pieces = new Pieces();
  let at = 0;
  for (const { start, end, shown } of edits) {
    pieces.addEach(text.slice(at, start), at);
    pieces.add(shown, { start, end });
    at = end;
  }
  pieces.addEach(text.slice(at), at);
  return pieces.assembled();
}
