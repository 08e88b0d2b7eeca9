import type { Edit } from "./edit.ts";

/**
 * What a terminal would do instead of showing it, in order. Whole sequences (colours, cursor, title,
 * links, clipboard) are left out; what remains of control characters becomes visible, `\u{1b}`; a
 * carriage return that would overwrite its line ends it. Linear: no text is looked at twice.
 */
export function terminalEdits(text: string): readonly Edit[] {
  if (!mayAct.test(text)) return [];
  return [...text.matchAll(acting)].map(({ 0: source, index }) => ({
    kind: "active:terminal",
    start: index,
    end: index + source.length,
    shown: shownFor(source),
  }));
}

/** Control characters but for tabs, line ends and the page breaks of plain documents. */
const mayAct = /(?![\t\n\f\r])\p{Cc}|\r(?!\n)/u;

/**
 * What a terminal takes as one, as a pattern. Strings of a terminal hold nothing that controls: whatever has no end, or a line break in it, is
 * no sequence but a character that becomes visible.
 */
export const wholeSequence: string = [
  // CSI: parameters, intermediates, final.
  String.raw`(?:\x1b\[|\x9b)[0-?]*[ -\/]*[@-~]`,
  // OSC, DCS, SOS, PM, APC, up to BEL or ST.
  String.raw`(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)`,
  // Two and more characters: character sets, saved cursors, resets.
  String.raw`\x1b[ -\/]*[0-OQ-WYZ\\\x60-~]`,
].join("|");

const acting: RegExp = new RegExp(
  `(?:${wholeSequence})+|\\r+(?!\\n)|[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x9f]`,
  "g",
);

function shownFor(source: string): string {
  if (source.startsWith("\r")) return "\n".repeat(source.length);
  return source.length > 1 ? "" : `\\u{${source.charCodeAt(0).toString(16)}}`;
}
