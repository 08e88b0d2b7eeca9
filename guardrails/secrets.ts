import type { Finding } from "../manifests/finding.ts";
import type { Detector, Document } from "./detector.ts";
import { normalise } from "./normalise.ts";
import { presetNeeds, presetRules, type Range, runPresetRule } from "./preset-rules.ts";
import { secretPatterns } from "./secret-patterns.ts";

/**
 * Finds credentials by their shape: secretlint's preset, and patterns of our own where it is blind.
 * `secret:<name>`; the span covers the whole secret. The text is also read without its disguise.
 * Rejects when a rule throws.
 */
export const secretsDetector: Detector = { id: "secrets", detect };

async function detect(document: Document): Promise<readonly Finding[]> {
  const found = await findSecrets(document.text);
  const normalised = normalise(document.text);
  if (normalised.text !== document.text) {
    for (const { kind, range, score } of await findSecrets(normalised.text)) {
      const { start, end } = normalised.original(range[0], range[1]);
      found.push({ kind, range: [start, end], score });
    }
  }
  return withoutRepeats(found).map(
    ({ kind, range: [start, end], score }): Finding => ({
      detector: "secrets",
      kind,
      path: document.path,
      start,
      end,
      score,
    }),
  );
}

interface Found {
  readonly kind: string;
  readonly range: Range;
  readonly score: number;
}

/** Whether any rule can match: a necessary condition, in one pass. */
export function mayHoldSecret(text: string): boolean {
  return anyNeed.test(text);
}

const anyNeed = new RegExp(
  [...new Set([...Object.values(presetNeeds), ...secretPatterns.map(({ needs }) => needs)])].join(
    "|",
  ),
);

async function findSecrets(text: string): Promise<Found[]> {
  if (!mayHoldSecret(text)) return [];
  const found: Found[] = [];
  for (const { name, pattern, score } of secretPatterns) {
    for (const { 0: match, index } of text.matchAll(pattern)) {
      found.push({ kind: `secret:${name}`, range: [index, index + match.length], score });
    }
  }
  for (const rule of presetRules) {
    for (const range of await runPresetRule(rule, text)) {
      found.push({ kind: `secret:${kindOf(rule.name)}`, range, score: 0.95 });
    }
  }
  return found;
}

/** Where the preset and a pattern of ours look for the same thing, the kind is the same. */
function kindOf(rule: string): string {
  return rule === "privatekey" ? "private-key" : rule;
}

function withoutRepeats(found: readonly Found[]): readonly Found[] {
  const seen = new Map(found.map((one) => [`${one.kind} ${one.range.join(" ")}`, one]));
  return [...seen.values()];
}
