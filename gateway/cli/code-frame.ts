import { readFile } from "node:fs/promises";
import { escapeText } from "./escape.ts";

/**
 * The line that an error of `file:line:column: …` is about, with a mark under the column; nothing
 * where the place is no line of a file.
 */
export async function codeFrame(message: string): Promise<{ readonly frame?: string }> {
  const [, file = "", line = "", column = ""] = /^(.+?):(\d+):(\d+): /s.exec(message) ?? [];
  const text = await readFile(file, "utf8").catch(() => undefined);
  const source = text?.split(/\r?\n/)[Number(line) - 1];
  if (source === undefined || source === "") return {};
  const before = escapeText(source.slice(0, Number(column) - 1));
  const margin = `${line} | `.padStart(10);
  return {
    frame: `${margin}${escapeText(source)}\n${" ".repeat(margin.length + before.length)}^`,
  };
}
