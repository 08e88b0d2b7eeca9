/** A run of characters of one alphabet, without the line ends that lie in it. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The same without its last line, which may be the beginning of something else. */
  readonly shorter?: Run;
}

/** Where a run goes on in the next line, its line is at least so long, as mail and keys have them. */
const wrappedChars = 60;

/** Base64's and its relatives', in which hex and base32 are contained. */
const isMember = new Uint8Array(65_536);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=") {
  isMember[character.charCodeAt(0)] = 1;
}

/** Runs of at least `least` characters, in order. No character is looked at more than twice. */
export function* runsOf(text: string, least: number): Generator<Run> {
  let from = 0;
  // Whatever is so long stands at one of these places, whichever they are.
  for (let at = least - 1; at < text.length; at = from + least - 1) {
    const start = startOfRun(text, from, at);
    const { end, lastLine } = start > at ? { end: start, lastLine: start } : endOfRun(text, start);
    from = end;
    if (end - start < least) continue;
    const shorter = lastLine > start && { shorter: runOf(text, start, lastLine) };
    yield { ...runOf(text, start, end), ...shorter };
  }
}

function runOf(text: string, start: number, end: number): Run {
  return { start, end, text: text.slice(start, end).replace(/[\r\n]/g, "") };
}

/** Behind `at` where that is no member. */
function startOfRun(text: string, from: number, at: number): number {
  let start = at + 1;
  while (start > from && isMember[text.charCodeAt(start - 1)]) start -= 1;
  return start;
}

function endOfRun(
  text: string,
  start: number,
): { readonly end: number; readonly lastLine: number } {
  let line = start;
  let at = start;
  for (;;) {
    while (isMember[text.charCodeAt(at)]) at += 1;
    const next = at + lineEndChars(text, at);
    const isWrapped = next > at && at - line >= wrappedChars && !isPadding(text, at - 1);
    if (!isWrapped || !isMember[text.charCodeAt(next)]) return { end: at, lastLine: line };
    line = next;
    at = next;
  }
}

function isPadding(text: string, at: number): boolean {
  return text.charAt(at) === "=";
}

function lineEndChars(text: string, at: number): number {
  if (text.startsWith("\r\n", at)) return 2;
  return text.startsWith("\n", at) ? 1 : 0;
}
