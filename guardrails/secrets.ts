import type { Finding } from "../manifests/finding.ts";
import type { Context, Detector, Document } from "./detector.ts";
import { heldIn } from "./held-values.ts";
import { fieldNameOf } from "./json-texts.ts";
import { Needs } from "./needs.ts";
import { presetNeeds, presetRules, type Range, runPresetRule } from "./preset-rules.ts";
import { type NamedSecret, namedNeeds, namedSecretsIn, secretOfField } from "./secret-context.ts";
import { secretPatterns } from "./secret-patterns.ts";
import type { View } from "./views/view.ts";

/**
 * Finds credentials by their shape: secretlint's preset, and patterns of our own where it is blind;
 * and by their names: `secret:password`, `secret:token`, `secret:authorization`. Otherwise
 * `secret:<name>`; the span covers the whole secret. `secret:held` is a value that the gateway holds
 * itself, whatever its shape. The text is also read without its disguise, and
 * in what it is encoded in; what is encoded deeper than anybody reads counts as a secret,
 * `secret:unread`. Rejects when a rule throws.
 */
export const secretsDetector: Detector = { id: "secrets", detect };

async function detect(
  { text, path, views }: Document,
  { held = [] }: Context,
): Promise<readonly Finding[]> {
  const found = [
    ...(await findSecrets(text)),
    ...secretOfField(text, fieldNameOf(path)).map(foundOf),
  ];
  const { all, unread } = views();
  for (const view of all) {
    found.push(...findHeld(view, held));
    if (view.text === text) continue;
    for (const { kind, range, score } of await findSecrets(view.text)) {
      const { start, end } = view.original(range[0], range[1]);
      found.push({ kind, range: [start, end], score });
    }
  }
  for (const { start, end } of unread) {
    found.push({ kind: "secret:unread", range: [start, end], score: 1 });
  }
  return withoutRepeats(found).map(
    ({ kind, range: [start, end], score }): Finding => ({
      detector: "secrets",
      ...{ kind, path, start, end, score },
    }),
  );
}

function findHeld(view: View, held: readonly string[]): readonly Found[] {
  return heldIn(view.text, held).map((place) => {
    const { start, end } = view.original(place.start, place.end);
    return { kind: "secret:held", range: [start, end], score: 1 };
  });
}

interface Found {
  readonly kind: string;
  readonly range: Range;
  readonly score: number;
}

/** What a text has of what rules need: a necessary condition of each, cheap to look for. */
export const secretNeeds: Needs = new Needs([
  ...Object.values(presetNeeds),
  ...Object.values(namedNeeds),
  ...secretPatterns.map(({ needs }) => needs),
]);

async function findSecrets(text: string): Promise<Found[]> {
  const met = secretNeeds.metBy(text);
  if (met.size === 0) return [];
  const found: Found[] = namedSecretsIn(text, met).map(foundOf);
  for (const { name, needs, pattern, score } of secretPatterns) {
    if (!met.has(needs)) continue;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      found.push({ kind: `secret:${name}`, range: [index, index + match.length], score });
    }
  }
  for (const rule of presetRules.filter(({ name }) => met.has(presetNeeds[name] ?? ""))) {
    for (const range of await runPresetRule(rule, text)) {
      found.push({ kind: `secret:${kindOf(rule.name)}`, range, score: 0.95 });
    }
  }
  return found;
}

/** By its name alone, and how random it is. */
function foundOf({ kind, start, end }: NamedSecret): Found {
  return { kind, range: [start, end], score: 0.8 };
}

/** Where the preset and a pattern of ours look for the same thing, the kind is the same. */
function kindOf(rule: string): string {
  return rule === "privatekey" ? "private-key" : rule;
}

function withoutRepeats(found: readonly Found[]): readonly Found[] {
  const seen = new Map(found.map((one) => [`${one.kind} ${one.range.join(" ")}`, one]));
  return [...seen.values()];
}
