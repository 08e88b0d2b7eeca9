import type { Finding } from "../manifests/finding.ts";
import { isJsonObject, type JsonValue } from "../manifests/json.ts";
import { signatureLimits } from "../manifests/signature-limits.ts";
import { structureLimits } from "../manifests/structure-limits.ts";
import { type Document, documentOf, noContext } from "./detector.ts";
import { reasonsDetector } from "./injection/injection.ts";
import { reasonsOf } from "./injection/score.ts";
import { memberPath } from "./json-texts.ts";
import { descriptionTraces } from "./tool-description-rules.ts";

/** What a model is told of a tool: its own manifest's words, or a stranger's. */
export interface DescribedTool {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  /** JSON Schemas. */
  readonly input?: JsonValue;
  readonly output?: JsonValue;
}

export interface JudgedDescription {
  /**
   * `hostile`: it gives orders that are none of its business; nobody should see such a tool.
   * `doubtful`: a person should read it.
   */
  readonly verdict: "hostile" | "doubtful" | "clean";
  /** Each with the JSON pointer of the text in the tool, the surest first. */
  readonly findings: readonly Finding[];
}

/** From here on a person should read a description. */
const doubtfulScore = 0.35;

/**
 * Reads all that a model is told of a tool: name, description, and what stands in its schemas, names of
 * arguments and default values as well. Orders about other tools, about what is to be kept from
 * the user, about files and keys, and for what arguments ask.
 */
export async function judgeToolDescription(tool: DescribedTool): Promise<JudgedDescription> {
  const findings: Finding[] = [];
  for (const [path, text] of textsOf(tool as unknown as JsonValue, "")) {
    findings.push(...(await findingsIn(documentOf(text, path))));
  }
  findings.sort((one, other) => other.score - one.score);
  const score = reasonsOf(findings);
  if (score >= signatureLimits.hostileScore) return { verdict: "hostile", findings };
  return { verdict: score >= doubtfulScore ? "doubtful" : "clean", findings };
}

/** Names of members are read as values are; those of JSON Schema itself say nothing. */
function* textsOf(
  value: JsonValue,
  path: string,
): Generator<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsOf(item, `${path}/${index}`);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const place = memberPath(path, key);
      yield [place, key.replace(/[_-]+/g, " ")];
      yield* textsOf(member, place);
    }
  }
}

async function findingsIn(document: Document): Promise<readonly Finding[]> {
  const { path, text } = document;
  if (text.length < shortest) return [];
  if (text.length > structureLimits.descriptionChars) return [unread(document)];
  const own = descriptionTraces(document).map(({ name, start, end, score }): Finding => {
    const kind = `injection:description-${name}`;
    return { detector: "injection", kind, path, start, end, score };
  });
  const worded = await reasonsDetector().detect(document, noContext);
  return [...own, ...worded.filter(({ kind }) => isTelling(kind))];
}

const shortest = 8;

/** Nobody describes a tool at such a length; what nobody has read is no tool's description. */
function unread({ path, text }: Document): Finding {
  const kind = "injection:description-unread";
  return { detector: "injection", kind, path, start: 0, end: text.length, score: 1 };
}

/** Wordings that no honest description has; those of orders in data are what descriptions are full of. */
const telling: ReadonlySet<string> = new Set(
  ["ignore-earlier", "no-limits", "role-mark", "end-of-data", "must-obey", "unread"].concat([
    "structure-role",
    "structure-end-of-data",
    "structure-hidden",
    "structure-disguised",
  ]),
);

function isTelling(kind: string): boolean {
  return telling.has(kind.slice("injection:".length).replace(/^[a-z]{2}-/, ""));
}
