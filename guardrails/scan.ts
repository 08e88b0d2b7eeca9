import { setImmediate } from "node:timers/promises";
import type { Finding } from "../manifests/finding.ts";
import { isJsonObject, type JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import { scanLimits } from "../manifests/scan-limits.ts";
import { type Context, type Detector, documentOf } from "./detector.ts";
import { fieldNameOf, keyPath, memberPath, textChars } from "./json-texts.ts";

/** Says that a detector found more than `limits.findingsPerCall`; the rest is not listed. */
export const findingsLimit = "limit:findings";

/**
 * Runs each detector over each string and each key of a document. Of one detector at most
 * `limits.findingsPerCall` findings are listed; then one of kind `limit:findings` says so.
 * Rejects with what a detector threw.
 *
 * @throws {Refusal} `SCAN_LIMIT` where the texts together are longer than `limits.scanChars`.
 */
export async function scanJson(
  value: JsonValue,
  detectors: readonly Detector[],
  context: Context,
): Promise<readonly Finding[]> {
  scannableChars(value);
  const scan: Scan = {
    detectors,
    context,
    chars: 0,
    known: new Map(),
    found: new Map(detectors.map(({ id }) => [id, []])),
  };
  await scanValue(value, "", scan);
  return [...scan.found.values()].flatMap(capped);
}

/**
 * Characters that detectors have to read.
 *
 * @throws {Refusal} `SCAN_LIMIT` where they are more than `limits.scanChars`.
 */
export function scannableChars(value: JsonValue): number {
  const chars = textChars(value);
  if (chars <= limits.scanChars) return chars;
  throw new Refusal("SCAN_LIMIT", `${chars} characters; the guards read ${limits.scanChars}`);
}

interface Scan {
  readonly detectors: readonly Detector[];
  readonly context: Context;
  /** Characters that were read since others had their turn. */
  chars: number;
  /** What was found in short texts, by the fields that they stood in: most come again. */
  readonly known: Map<string, readonly Finding[]>;
  /** By detector. */
  readonly found: ReadonlyMap<string, Finding[]>;
}

async function scanValue(value: JsonValue, path: string, scan: Scan): Promise<void> {
  if (typeof value === "string") await scanText(value, path, scan);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) await scanValue(item, `${path}/${index}`, scan);
  } else if (isJsonObject(value)) {
    for (const [index, key] of Object.keys(value).entries()) {
      const hidden = await scanText(key, keyPath(path, index), scan);
      await scanValue(value[key] as JsonValue, memberPath(path, hidden ? index : key), scan);
    }
  }
}

/** Resolves with whether anything was found. */
async function scanText(text: string, path: string, scan: Scan): Promise<boolean> {
  if (text === "") return false;
  scan.chars += text.length;
  if (scan.chars > limits.scanTurnChars) {
    scan.chars = 0;
    await setImmediate();
  }
  const findings = await findingsIn(text, path, scan);
  for (const finding of findings) scan.found.get(finding.detector)?.push(finding);
  return findings.length > 0;
}

async function findingsIn(text: string, path: string, scan: Scan): Promise<readonly Finding[]> {
  const place = text.length <= scanLimits.repeatedChars ? `${fieldNameOf(path)}\n${text}` : "";
  const earlier = scan.known.get(place);
  if (earlier) return earlier.map((finding) => ({ ...finding, path }));
  const found: Finding[] = [];
  const document = documentOf(text, path);
  for (const detector of scan.detectors) {
    const findings = await detector.detect(document, scan.context);
    found.push(...findings.slice(0, limits.findingsPerCall + 1));
  }
  if (place !== "") scan.known.set(place, found);
  return found;
}

/** Where the list is cut, each kind in each argument is still named once, while there is room. */
function capped(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= limits.findingsPerCall) return findings;
  const places = Map.groupBy(findings, ({ kind, path }) => `${kind} ${path.split("/")[1]}`);
  const named = new Set(
    [...places.values()].flatMap((group) => group.slice(0, 1)).concat(findings),
  );
  const detector = findings[0]?.detector ?? "";
  const limit = { detector, kind: findingsLimit, path: "", start: 0, end: 0, score: 1 };
  return [...[...named].slice(0, limits.findingsPerCall), limit];
}
