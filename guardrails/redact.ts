import type { Finding } from "../manifests/finding.ts";
import type { JsonValue } from "../manifests/json.ts";
import { rewriteTexts } from "./rewrite.ts";
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
  return rewriteTexts(value, {
    rewrite: (text, path) => redactText(text, path, { ...options, byPath }),
    isHidden: (path) => byPath.has(path),
  });
}

/** Whether there is more of what is replaced than the list says. */
function isCutOff(findings: readonly Finding[], replaced: readonly Finding[]): boolean {
  const cut = findings.filter(({ kind }) => kind === findingsLimit);
  return cut.some(({ detector }) => replaced.some((one) => one.detector === detector));
}

interface Redaction extends RedactOptions {
  readonly byPath: ReadonlyMap<string, readonly Finding[]>;
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
