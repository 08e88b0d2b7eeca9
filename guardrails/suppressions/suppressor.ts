import { createHash } from "node:crypto";
import { RE2JS } from "re2js";
import { actionLimits } from "../../manifests/action-limits.ts";
import type { Finding } from "../../manifests/finding.ts";
import { type JsonValue, valueAt } from "../../manifests/json.ts";
import { findingsLimit } from "../scan.ts";
import { endOf } from "./end-of.ts";
import { type Field, fieldOf } from "./field.ts";
import type { Suppression } from "./suppression.ts";

/** What was scanned, and where it comes from. */
export interface Scanned {
  readonly tool: string;
  readonly in: Suppression["in"];
  readonly value: JsonValue;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Suppressed {
  /** What is left. */
  readonly findings: readonly Finding[];
  /** How many findings each suppression took away, by its id. */
  readonly suppressed: Readonly<Record<string, number>>;
}

/** Takes away the findings that a suppression names exactly, as long as it lasts. */
export class Suppressor {
  /** Those that have ended, too. */
  readonly all: readonly Suppression[];
  readonly #rules: ReadonlyMap<string, readonly Rule[]>;

  constructor(suppressions: readonly Suppression[]) {
    this.all = suppressions;
    this.#rules = Map.groupBy(suppressions.map(compile), ({ about }) => keyOf(about));
  }

  suppress(findings: readonly Finding[], scanned: Scanned): Suppressed {
    const rules = this.#rules.get(keyOf(scanned)) ?? [];
    const lasting = rules.filter(({ about }) => scanned.now < endOf(about));
    const suppressed: Record<string, number> = {};
    const cutOff = new Set(findings.filter(isLimit).map(({ detector }) => detector));
    const left = findings.filter((finding) => {
      // What is not listed may be no false alarm; and many of those would hide it.
      if (cutOff.has(finding.detector)) return true;
      const rule = lasting.find((one) => matches(one, finding, scanned.value));
      if (rule === undefined) return true;
      const { id } = rule.about;
      suppressed[id] = (suppressed[id] ?? 0) + 1;
      return false;
    });
    return { findings: left, suppressed };
  }
}

function isLimit({ kind }: Finding): boolean {
  return kind === findingsLimit;
}

interface Rule {
  readonly about: Suppression;
  readonly isField: Field;
  readonly pattern?: RE2JS;
}

function compile(about: Suppression): Rule {
  const { field, pattern } = about;
  return {
    about,
    isField: fieldOf(field) ?? (() => false),
    ...(pattern !== undefined && { pattern: RE2JS.compile(pattern) }),
  };
}

function keyOf({ tool, in: side }: Pick<Suppression, "tool" | "in">): string {
  return `${side} ${tool}`;
}

function matches({ about, isField, pattern }: Rule, finding: Finding, value: JsonValue): boolean {
  if (finding.kind !== about.kind || !isField(finding.path)) return false;
  if (pattern === undefined && about.sha256 === undefined) return true;
  const text = valueAt(value, finding.path);
  if (typeof text !== "string") return false;
  if (about.sha256 !== undefined) return sha256(text) === about.sha256;
  // Of the whole text: of what was found a detector may name one place where there are several.
  return text.length <= actionLimits.patternTextChars && pattern?.matches(text) === true;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
