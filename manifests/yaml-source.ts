import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import { z } from "zod";
import { SourceError, type SourcePlace } from "./source-error.ts";

/**
 * Reads one YAML document and parses it, so that whatever is wrong is reported with file, line,
 * column and the way to mend it.
 *
 * @throws {SourceError} for the first thing that is wrong.
 */
export function parseYamlSource<T>(source: Source, parse: (input: unknown) => T): T {
  const lines = new LineCounter();
  const document = readDocument(source, lines);
  try {
    return parse(document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    if (error instanceof z.ZodError) throw explain(error, document, { ...source, lines });
    throw error;
  }
}

interface Source {
  readonly file: string;
  readonly text: string;
  /** The page on such files; that on manifests where it is left out. */
  readonly guide?: string;
}

function readDocument(source: Source, lines: LineCounter): Document {
  const documents = parseAllDocuments(source.text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    // YAML 1.2 core: `no` and `on` stay words.
    schema: "core",
  });
  const [document, second] = "empty" in documents ? [] : documents;
  if (document === undefined || document.contents === null) {
    throw new SourceError(at(source, 1, 1), {
      what: "the file is empty",
      mend: "write one YAML document",
    });
  }
  if (second !== undefined) {
    throw new SourceError(at(source, 1, 1), {
      what: "more than one document",
      mend: "keep one to a file",
    });
  }
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const what = problem.message.split("\n")[0] ?? "not YAML";
    throw new SourceError(at(source, line, col), { what, mend: "mend the YAML", cause: problem });
  }
  refuseAliases(document, { ...source, lines });
  return document;
}

/** A few aliases of aliases make a small file enormous. */
function refuseAliases(document: Document, source: Source & { readonly lines: LineCounter }): void {
  visit(document, {
    Alias(_, alias) {
      const { line, col } = source.lines.linePos(alias.range?.[0] ?? 0);
      const what = `an alias, \`*${alias.source}\``;
      throw new SourceError(at(source, line, col), { what, mend: "write the value out" });
    },
  });
}

function explain(
  error: z.ZodError,
  document: Document,
  source: Source & { readonly lines: LineCounter },
): SourceError {
  const issue = deepest(error.issues[0] as z.core.$ZodIssue);
  const path =
    issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const { line, col } = source.lines.linePos(offsetOf(document, path));
  const where = issue.path.length === 0 ? "" : `\`${issue.path.join(".")}\`: `;
  const what = `${where}${lowerFirst(issue.message)}`;
  return new SourceError(at(source, line, col), { what, mend: mend(issue, source), cause: error });
}

/**
 * Of a union, a key that no branch knows, else the branch that came furthest, says the most; of those
 * that came as far, the one that has the least against it.
 */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const closest = issue.errors.toSorted((a, b) => a.length - b.length);
  const branches = closest.flat().sort((a, b) => b.path.length - a.path.length);
  const best = branches.find((one) => isStrange(one, issue.errors)) ?? branches[0];
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

function isStrange(
  issue: z.core.$ZodIssue,
  branches: readonly (readonly z.core.$ZodIssue[])[],
): boolean {
  if (issue.code !== "unrecognized_keys") return false;
  const [key = ""] = issue.keys;
  return branches.every((branch) =>
    branch.some((other) => other.code === "unrecognized_keys" && other.keys.includes(key)),
  );
}

function mend(issue: z.core.$ZodIssue, { guide = "docs/manifests.md" }: Source): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return "remove the key, or mend its spelling";
    case "invalid_value":
      return `use one of: ${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      return `write a value of type ${issue.expected}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "too_small":
      return `at least ${issue.minimum}`;
    default:
      return `see ${guide}`;
  }
}

/** The offset of the key or value that `path` names; of its nearest parent where it is missing. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = keyOffset(document, path.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return 0;
}

function keyOffset(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) return pairOffset(parent, String(last));
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0];
}

function pairOffset(map: YAMLMap, key: string): number | undefined {
  for (const pair of map.items) {
    if (isScalar(pair.key) && String(pair.key.value) === key) return pair.key.range?.[0];
  }
  return undefined;
}

function at(source: Source, line: number, column: number): SourcePlace {
  return { file: source.file, line, column };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
