import { structureLimits } from "../../manifests/structure-limits.ts";
import { holdsWords, type Place } from "./place.ts";

/** Whether the first lines of a text are those of YAML: keys, items and comments, and nothing else. */
export function mayBeYaml(text: string): boolean {
  if (!firstLine.test(text)) return false;
  const lines = text.split("\n", structureLimits.yamlLines).filter((line) => line.trim() !== "");
  const keys = lines.filter((line) => key.test(line)).length;
  return keys >= 2 && lines.every((line) => anyLine.test(line));
}

const firstLine = /^\s{0,16}(?:---|#[^\n]{0,200}|[\w.-]{1,60}:(?:[ \t][^\n]{0,200})?)\r?\n/;
const key = /^[ \t]{0,40}(?:- ){0,3}["']?[\w./-]{1,60}["']?:(?:\s|$)/;
const anyLine = /^(?:[ \t]{1,40}\S|- |#|---|["']?[\w./-]{1,60}["']?:(?:\s|$))/;

/** Values of keys and items of lists: each line's own, and those of many lines as one. */
export function* yamlPlaces(text: string): Generator<Place> {
  let at = 0;
  while (at < text.length) {
    const { start, end, next } = valueAt(text, at);
    const place = { kind: "field", start, end } as const;
    if (holdsWords(text, place)) yield place;
    at = next;
  }
}

interface Value {
  readonly start: number;
  readonly end: number;
  /** Where the line behind it begins. */
  readonly next: number;
}

function valueAt(text: string, at: number): Value {
  const end = endOfLine(text, at);
  const line = text.slice(at, end);
  const start = at + (beforeValue.exec(line)?.[0].length ?? 0);
  if (!/^[|>][+-]?\d?\s*$/.test(text.slice(start, end))) return { start, end, next: end + 1 };
  const last = endOfBlock(text, end, indentOf(line));
  return { start: end, end: last, next: last + 1 };
}

const beforeValue = /^[ \t]{0,80}(?:- ){0,3}(?:["']?[\w./-]{1,60}["']?:[ \t]{0,16})?/;

/** Lines that are indented further, and empty ones among them. */
function endOfBlock(text: string, from: number, indent: number): number {
  let end = from;
  while (end < text.length) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next);
    if (line.trim() !== "" && indentOf(line) <= indent) return end;
    end = next;
  }
  return Math.min(end, text.length);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}
