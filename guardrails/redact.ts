import type { Finding } from "../manifests/finding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../manifests/json.ts";
import { keyPath, memberPath } from "./json-texts.ts";
import { findingsLimit } from "./scan.ts";

export interface RedactOptions {
  /** Whether findings of this kind are replaced. */
  readonly redacts: (kind: string) => boolean;
  /**
   * Asked once for each span, with the kind of its first finding and its text; without a text where
   * the token stands for more than one.
   */
  readonly token: (kind: string, text: string | undefined) => string;
}

/**
 * Replaces what was found by tokens, in the value that was scanned. Where a detector found more than
 * is listed, and some of that is to be replaced, the whole value becomes one token.
 */
export function redactJson(
  value: JsonValue,
  findings: readonly Finding[],
  options: RedactOptions,
): JsonValue {
  const { redacts, token } = options;
  const replaced = findings.filter(({ kind }) => redacts(kind));
  if (isCutOff(findings, replaced)) return token(findingsLimit, undefined);
  if (replaced.length === 0) return value;
  const byPath = Map.groupBy(findings, ({ path }) => path);
  return redactValue(value, "", { ...options, byPath });
}

/** Whether there is more of what is replaced than the list says. */
function isCutOff(findings: readonly Finding[], replaced: readonly Finding[]): boolean {
  const cut = findings.filter(({ kind }) => kind === findingsLimit);
  return cut.some(({ detector }) => replaced.some((one) => one.detector === detector));
}

interface Redaction extends RedactOptions {
  readonly byPath: ReadonlyMap<string, readonly Finding[]>;
}

function redactValue(value: JsonValue, path: string, redaction: Redaction): JsonValue {
  if (typeof value === "string") return redactText(value, path, redaction);
  if (Array.isArray(value)) {
    return value.map((item, index) => redactValue(item, `${path}/${index}`, redaction));
  }
  return isJsonObject(value) ? redactObject(value, path, redaction) : value;
}

function redactObject(object: JsonObject, path: string, redaction: Redaction): JsonObject {
  const redacted: JsonObject = Object.create(null);
  for (const [index, key] of Object.keys(object).entries()) {
    const hidden = redaction.byPath.has(keyPath(path, index));
    const member = redactValue(
      object[key] as JsonValue,
      memberPath(path, hidden ? index : key),
      redaction,
    );
    redacted[freeKey(redacted, redactText(key, keyPath(path, index), redaction))] = member;
  }
  return redacted;
}

/** Two keys may become the same one; neither value is lost. */
function freeKey(object: JsonObject, key: string): string {
  let free = key;
  for (let copy = 2; free in object; copy += 1) free = `${key}#${copy}`;
  return free;
}

function redactText(text: string, path: string, redaction: Redaction): string {
  let redacted = "";
  let at = 0;
  for (const { start, end, kind } of spansAt(path, redaction)) {
    redacted += text.slice(at, start) + redaction.token(kind, text.slice(start, end));
    at = end;
  }
  return redacted + text.slice(at);
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** Spans to replace, in order; those that overlap or touch become one. */
function spansAt(path: string, { byPath, redacts }: Redaction): readonly Span[] {
  const spans: Span[] = [];
  const replaced = (byPath.get(path) ?? []).filter(({ kind }) => redacts(kind));
  for (const { start, end, kind } of replaced.toSorted((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last === undefined || start > last.end) spans.push({ start, end, kind });
    else spans[spans.length - 1] = { ...last, end: Math.max(last.end, end) };
  }
  return spans;
}
