import { Lru } from "../../manifests/lru.ts";
import type { Trace } from "./structure.ts";

/** Orders to use tools that the session has: a name beside an order, and beside what it is to be given. */
export function* toolOrders(text: string, tools: readonly string[]): Generator<Trace> {
  if (tools.length === 0) return;
  for (const { index, 0: name } of text.matchAll(namesOf(tools))) {
    const trace = traceAt(text, index, index + name.length);
    if (trace) yield trace;
  }
}

/** Of one set of tools, what finds their names; sets are few. */
const patterns = new Lru<string, RegExp>(16);

function namesOf(tools: readonly string[]): RegExp {
  const key = tools.join(" ");
  const known = patterns.get(key);
  if (known) return known;
  // Names that begin alike are looked for together.
  const named = tools.map(wordsOf).filter((words) => words.length > 0);
  const byFirst = Map.groupBy(named, ([first = ""]) => first);
  const names = [...byFirst].map(([first, all]) => writtenAs(first, all));
  const pattern = new RegExp(`(?<![a-z0-9])(?:${names.join("|") || "(?!)"})(?![a-z0-9])`, "gi");
  patterns.set(key, pattern);
  return pattern;
}

function wordsOf(tool: string): readonly string[] {
  return tool
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** As programs write them, one behind the other. A single word is a name where it is marked as one. */
function writtenAs(first: string, tools: readonly (readonly string[])[]): string {
  const rests = tools.map(([, ...rest]) => rest.map((word) => `[._/ -]?${word}`).join(""));
  const longer = rests
    .filter((rest) => rest !== "")
    .sort((one, other) => other.length - one.length);
  const marked = `(?<=["'\`]${first})(?=["'\`])| tool|(?=\\()`;
  return `${first}(?:${[...longer, ...(longer.length < rests.length ? [marked] : [])].join("|")})`;
}

const beforeChars = 80;
const afterChars = 240;

function traceAt(text: string, start: number, end: number): Trace | undefined {
  const before = text.slice(Math.max(0, start - beforeChars), start);
  const after = text.slice(end, end + afterChars);
  const isOrdered = ordered.test(before);
  const signs = [
    isOrdered,
    given.test(after),
    isOrdered && insists.test(before),
    isOrdered && carries.test(after),
  ].filter(Boolean).length;
  const score = [0, 0.3, 0.6, 0.8, 0.9][signs] ?? 0;
  return score > 0 ? { name: "tool-order", start, end, score } : undefined;
}

const ordered =
  /(?:^|[\s"'(])(?:call|use|invoke|run|execute|trigger|start|make a call to|with|via|using|through)(?: (?:the|your|a|this|tool|function|command)){0,3}\s*["'`]?$/i;
const given = /^["'`]?\s*(?:\(\s*\S|\{|(?:tool |function )?(?:with|to|on|and pass|passing)\b)/i;
const insists =
  /\b(?:please|you must|you should|you have to|you need to|now|immediately|first|then|instead|always|must)\b/i;
const carries = /@|https?:|~\/|\/etc\/|password|secret|token|key/i;
