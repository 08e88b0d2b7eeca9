import { readFileSync } from "node:fs";
import { z } from "zod";
import { parseYamlSource } from "../../manifests/yaml-source.ts";
import { below, type Random } from "./random.ts";

/** Texts made of parts: `<name>` is a line of that part, `(a|b|)` one of these. */
export interface Grammar {
  /** What a text can be, by its sort. */
  readonly start: Readonly<Record<string, readonly string[]>>;
  readonly parts: Readonly<Record<string, readonly string[]>>;
}

const lines = z.record(z.string(), z.array(z.string()).min(1));
const grammarSchema = z.strictObject({ start: lines, parts: lines });

export function readGrammar(file: string): Grammar {
  const source = { file, text: readFileSync(file, "utf8"), guide: "docs/model-card.md" };
  return parseYamlSource(source, (input) => grammarSchema.parse(input));
}

export interface Made {
  readonly sort: string;
  readonly text: string;
}

/** So many texts, of each sort as many. */
export function madeTexts(grammar: Grammar, count: number, random: Random): readonly Made[] {
  const sorts = Object.entries(grammar.start);
  return Array.from({ length: count }, (_, index) => {
    const [sort, starts] = sorts[index % sorts.length] as (typeof sorts)[number];
    return { sort, text: tidy(expanded(pick(starts, random), grammar.parts, random)) };
  });
}

function expanded(text: string, parts: Grammar["parts"], random: Random): string {
  const chosen = withChoices(text, random);
  return chosen.replace(/<(\w+)>/g, (whole, name: string) => {
    const part = parts[name];
    return part === undefined ? whole : expanded(pick(part, random), parts, random);
  });
}

/** The innermost first; brackets without a choice in them stay. */
function withChoices(text: string, random: Random): string {
  const chosen = text.replace(/\(([^()]*\|[^()]*)\)/g, (_, inner: string) =>
    pick(inner.split("|"), random),
  );
  return chosen === text ? text : withChoices(chosen, random);
}

function pick(lines: readonly string[], random: Random): string {
  return lines[below(lines.length, random)] ?? "";
}

function tidy(text: string): string {
  return text
    .replace(/ {2,}/g, " ")
    .replace(/ ([.,!?])/g, "$1")
    .replace(/([.!?])[.,]+/g, "$1")
    .trim();
}
