import type { Finding } from "../manifests/finding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../manifests/json.ts";
import { keyPath, memberPath } from "./json-texts.ts";
import { findingsLimit } from "./scan.ts";

/**
 * Replaces what was found by a token: in the value that was scanned, each span of a finding whose
 * kind begins with `secret:`. `token` is asked once for each span, with the kind of its first
 * finding. Where the list of secrets is cut off, the whole value becomes one token.
 */
export function redactJson(
  value: JsonValue,
  findings: readonly Finding[],
  token: (kind: string) => string,
): JsonValue {
  if (findings.some(({ kind, detector }) => kind === findingsLimit && detector === "secrets")) {
    return token(findingsLimit);
  }
  const secrets = findings.filter(({ kind }) => kind.startsWith("secret:"));
  if (secrets.length === 0) return value;
  const byPath = Map.groupBy(findings, ({ path }) => path);
  return redactValue(value, "", { byPath, token });
}

interface Redaction {
  readonly byPath: ReadonlyMap<string, readonly Finding[]>;
  readonly token: (kind: string) => string;
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

function redactText(text: string, path: string, { byPath, token }: Redaction): string {
  let redacted = "";
  let at = 0;
  for (const { start, end, kind } of joined(byPath.get(path) ?? [])) {
    redacted += text.slice(at, start) + token(kind);
    at = end;
  }
  return redacted + text.slice(at);
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** Spans of secrets in order; those that overlap or touch become one. */
function joined(findings: readonly Finding[]): readonly Span[] {
  const spans: Span[] = [];
  const secrets = findings.filter(({ kind }) => kind.startsWith("secret:"));
  for (const { start, end, kind } of secrets.toSorted((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last === undefined || start > last.end) spans.push({ start, end, kind });
    else spans[spans.length - 1] = { ...last, end: Math.max(last.end, end) };
  }
  return spans;
}
