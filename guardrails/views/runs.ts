/** A run of characters of one alphabet, without the line ends that lie in it. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where a run goes on in the next line, its line is at least so long, as mail and keys have them. */
const wrappedChars = 60;

/** Base64's and its relatives', in which hex and base32 are contained. */
const isMember = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=") {
  isMember[character.charCodeAt(0)] = 1;
}

/** Runs of at least `least` characters, in order. One pass, whatever the text. */
export function* runsOf(text: string, least: number): Generator<Run> {
  for (let at = 0; at < text.length; at += 1) {
    if (!isMember[text.charCodeAt(at)]) continue;
    const end = endOfRun(text, at);
    if (end - at >= least) {
      yield { start: at, end, text: text.slice(at, end).replace(/[\r\n]/g, "") };
    }
    at = end;
  }
}

function endOfRun(text: string, start: number): number {
  let line = start;
  let at = start;
  for (;;) {
    while (isMember[text.charCodeAt(at)]) at += 1;
    const next = at + lineEndChars(text, at);
    if (next === at || at - line < wrappedChars || !isMember[text.charCodeAt(next)]) return at;
    line = next;
    at = next;
  }
}

function lineEndChars(text: string, at: number): number {
  if (text.startsWith("\r\n", at)) return 2;
  return text.startsWith("\n", at) ? 1 : 0;
}
