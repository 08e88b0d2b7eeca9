/**
 * The spellings of a text that are looked for, in the form that `reflection.ts` reads texts in:
 * plain, backwards, in hexadecimal, and in base64 wherever it may begin there. Percent-encoding and
 * escapes are undone in what is read, so they need no spelling here.
 */
export function spellingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, "latin1");
  const spellings = [
    text,
    [...text].reverse().join(""),
    bytes.toString("hex"),
    ...[0, 1, 2].map((shift) => base64Core(bytes, shift)),
  ];
  return [...new Set(spellings.map(compact))].filter((one) => one.length >= shortest);
}

/** Fewer characters are met by chance. */
const shortest = 6;

/** Letters and digits in lower case: no separator, line end, quote or padding hides a text in that. */
export function compact(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, "").toLowerCase();
}

/** The characters of base64 that depend on these bytes alone, where `shift` bytes stand before. */
function base64Core(bytes: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor(((shift + bytes.length) * 8) / 6);
  return encoded.slice(from, to);
}
