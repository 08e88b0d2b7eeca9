import { holdsWords, type Place } from "./place.ts";

/** Whether a text looks like source code, and has what begins a comment. */
export function mayHoldComments(text: string): boolean {
  return marks.some((mark) => text.includes(mark)) && code.test(text);
}

const marks = ["//", "/*", "#", "--", '"""', "'''"];

/** Lines as prose has none. */
const code =
  /[;{}][ \t\r]{0,8}$|^[ \t]{0,80}(?:import|from|def|class|function|const|let|var|public|private|#include|package|use|using|fn|func|return|if|for|while|print|echo|export|async|select|insert|create)\b[^\n]{0,200}[:;(){}=]/im;

/** Comments of source code, whatever its language. Neighbouring lines of them are one. */
export function* commentPlaces(text: string): Generator<Place> {
  let last: Comment | undefined;
  for (const comment of commentsOf(text)) {
    if (last?.isLine && comment.isLine && isGap(text, last.end, comment.start)) {
      last = { ...comment, start: last.start };
      continue;
    }
    if (last) yield* placeOf(text, last);
    last = comment;
  }
  if (last) yield* placeOf(text, last);
}

interface Comment {
  readonly start: number;
  readonly end: number;
  readonly isLine: boolean;
}

function* placeOf(text: string, { start, end }: Comment): Generator<Place> {
  if (holdsWords(text, { start, end })) yield { kind: "code-comment", start, end };
}

const ends: Readonly<Record<string, string>> = { "/*": "*/", '"""': '"""', "'''": "'''" };

function* commentsOf(text: string): Generator<Comment> {
  const opening = /(?<=^|[ \t;{}(),])(?:\/\*|"""|'''|(?:\/\/|#|--)(?=[ \t\w!/#*-]))/gm;
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const [mark] = match;
    const start = match.index + mark.length;
    const close = ends[mark];
    const end = endOf(text, start, close ?? "\n");
    yield { start, end, isLine: close === undefined };
    opening.lastIndex = end + (close?.length ?? 0);
  }
}

/** One without an end is the rest of the text. */
function endOf(text: string, start: number, close: string): number {
  const end = text.indexOf(close, start);
  return end === -1 ? text.length : end;
}

function isGap(text: string, from: number, to: number): boolean {
  return to - from <= 200 && /^\s*(?:\/\/|#|--)$/.test(text.slice(from, to));
}
