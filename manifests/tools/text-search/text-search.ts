import { RE2JS } from "re2js";

export interface TextSearchArguments {
  readonly text: string;
  readonly pattern: string;
  readonly literal?: boolean;
  readonly ignoreCase?: boolean;
  readonly limit?: number;
}

export interface TextSearchResult {
  readonly matches: readonly TextMatch[];
  /** There are matches beyond the limit. */
  readonly more: boolean;
}

export interface TextMatch {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly match: string;
  /** The line, cut around the match. */
  readonly text: string;
}

const shownChars = 500;

/** Finds a pattern line by line, in time linear in the text. */
export function run(args: TextSearchArguments): TextSearchResult {
  const pattern = compile(args);
  const limit = args.limit ?? 100;
  const matches: TextMatch[] = [];
  for (const [index, line] of args.text.split(/\r?\n/).entries()) {
    const matcher = pattern.matcher(line);
    while (matcher.find()) {
      if (matches.length === limit) return { matches, more: true };
      matches.push(describe(line, { index, start: matcher.start(), end: matcher.end() }));
    }
  }
  return { matches, more: false };
}

function compile({ pattern, literal, ignoreCase }: TextSearchArguments): RE2JS {
  try {
    const source = literal ? RE2JS.quote(pattern) : pattern;
    return RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new Error(`the pattern is no RE2 expression: ${reason}`, { cause: error });
  }
}

interface Place {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

function describe(line: string, { index, start, end }: Place): TextMatch {
  const match = cut(line, start, Math.min(end, start + shownChars));
  const from = Math.max(0, Math.min(start - 100, line.length - shownChars));
  return { line: index + 1, column: start + 1, match, text: cut(line, from, from + shownChars) };
}

/** A cut may halve a pair of surrogates; JSON cannot carry a half. */
function cut(text: string, start: number, end: number): string {
  return text.slice(start, end).toWellFormed();
}
