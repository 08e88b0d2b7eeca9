/**
 * A text of a stranger, fit for a terminal: every character that could move the cursor, change what
 * stands before it, or stand there unseen becomes a visible escape (`\u{202e}`). Nothing is cut.
 */
export function escapeText(text: string): string {
  return text.replace(unsafe, visible);
}

/** The same for a text of several lines: line breaks and tabs stay. */
export function escapeLines(text: string): string {
  return text.split(/\r?\n/).map(escapeLine).join("\n");
}

/** A JSON value over several lines, every character in it visible. */
export function escapeJson(value: unknown): string {
  return escapeLines(JSON.stringify(value, undefined, 2));
}

/** A JSON value in one line that reads back as the same value. */
export function escapeJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) =>
    character.split("").map(jsonEscape).join(""),
  );
}

function jsonEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function escapeLine(line: string): string {
  return line.split("\t").map(escapeText).join("\t");
}

/**
 * Controls, formats (bidi, zero width, tags), private use, surrogates, unassigned, every space but
 * the plain one, and the characters that are drawn as nothing without being in those categories.
 */
const unsafe =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|\u2800/gu;

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
