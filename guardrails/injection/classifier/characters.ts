/** What stands between words, the stronger the higher: the strongest before a word counts. */
export const marks = {
  none: 0,
  comma: 1,
  start: 2,
  newline: 3,
  stop: 4,
  ask: 5,
  bang: 6,
  colon: 7,
  quote: 8,
  bracket: 9,
  ornament: 10,
  paren: 11,
} as const;

const marked: readonly (readonly [mark: number, characters: string])[] = [
  [marks.comma, ",;、，；"],
  [marks.newline, "\n\r"],
  [marks.stop, ".。…"],
  [marks.ask, "?？¿"],
  [marks.bang, "!！¡"],
  [marks.colon, ":："],
  [marks.quote, "\"“”«»„`'‘’「」"],
  [marks.bracket, "<>[]{}"],
  [marks.ornament, "#*=-_|~/\\+%&$^@"],
  [marks.paren, "()（）"],
];

const units = 65_536;

/** Of each UTF-16 unit, the mark that it is. */
export const markOf: Uint8Array = new Uint8Array(units);
for (const [mark, characters] of marked) {
  for (const one of characters) markOf[one.charCodeAt(0)] = mark;
}

/** Of each UTF-16 unit, whether words are made of it. */
export const isWordUnit: Uint8Array = Uint8Array.from({ length: units }, (_, unit) =>
  /[\p{L}\p{N}\p{M}]/u.test(String.fromCharCode(unit)) ? 1 : 0,
);

/** Of each UTF-16 unit, its small letter. */
export const small: Uint16Array = Uint16Array.from({ length: units }, (_, unit) => {
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
});

/** Chinese writes words without spaces. */
export function isHan(unit: number): boolean {
  return unit >= 0x34_00 && unit <= 0x9f_ff;
}
