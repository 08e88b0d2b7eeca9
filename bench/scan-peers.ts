import { existsSync } from "node:fs";
import { join } from "node:path";
import { documentOf, noContext } from "../guardrails/detector.ts";
import { detectorsNamed } from "../guardrails/detectors.ts";
import { isHostile } from "../guardrails/injection/score.ts";
import { median, quantile } from "./quantile.ts";
import { mixedSorts, type Sample, type Sort } from "./scan-texts.ts";
import { type ServerProcess, withServer } from "./server-process.ts";

/** One check of one package. */
export interface PeerFigures {
  readonly check: string;
  /** Million bytes of text a second of processor time. */
  readonly MBps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Length of the texts: shorter where 10 KB would take minutes. */
  readonly chars: number;
  /** Part of the texts with an order to a model in them, and of those without one, that it flags. */
  readonly found: number;
  readonly falseAlarms: number;
}

interface Judged {
  readonly isFlagged: boolean;
  readonly cpuMs: number;
}

const host = "peers/hosts/guards.js";
const installed = join(import.meta.dirname, "peers/node_modules/@presidio-dev/hai-guardrails");

/** What takes the third power of a text's length: so many characters of few texts. */
const slow: Readonly<Record<string, number>> = { "hai-guardrails injection, heuristic": 400 };
const slowTexts = 2;

/** Ringward's detector of injections, and local checks of others, on the same texts in one run. */
export async function comparePeers(
  samples: Readonly<Record<Sort, readonly Sample[]>>,
): Promise<readonly PeerFigures[]> {
  const texts = mixedSorts.flatMap((sort) =>
    samples[sort].map(({ value }) => ({
      isHostile: sort === "hostile",
      text: typeof value === "string" ? value : JSON.stringify(value),
    })),
  );
  const ours = figuresOf("ringward injection", texts, await judge(texts));
  if (!existsSync(installed)) {
    console.error("others left out: npm ci --prefix bench/peers brings them");
    return [ours];
  }
  const theirs = await withServer<{ readonly checks: readonly string[] }, readonly PeerFigures[]>(
    host,
    (server) => askPeers(server, texts),
  );
  return [ours, ...theirs];
}

interface Labelled {
  readonly text: string;
  readonly isHostile: boolean;
}

async function judge(texts: readonly Labelled[]): Promise<readonly Judged[]> {
  const [detector] = detectorsNamed(["injection"]);
  const judged: Judged[] = [];
  for (const { text } of texts) {
    const before = process.cpuUsage();
    const findings = (await detector?.detect(documentOf(text, ""), noContext)) ?? [];
    const { user, system } = process.cpuUsage(before);
    judged.push({ isFlagged: isHostile(findings), cpuMs: (user + system) / 1_000 });
  }
  return judged;
}

async function askPeers(
  { started, ask }: ServerProcess<{ readonly checks: readonly string[] }>,
  texts: readonly Labelled[],
): Promise<readonly PeerFigures[]> {
  const figures: PeerFigures[] = [];
  for (const check of started.checks) {
    const chars = slow[check];
    const chosen = chars === undefined ? texts : shortened(texts, chars);
    const asked = { check, texts: chosen.map(({ text }) => text) };
    const { judged } = await ask<{ readonly judged: readonly Judged[] }>(asked);
    figures.push(figuresOf(check, chosen, judged));
  }
  return figures;
}

/** A few of each kind. */
function shortened(texts: readonly Labelled[], chars: number): readonly Labelled[] {
  const few = [true, false].flatMap((kind) =>
    texts.filter(({ isHostile: is }) => is === kind).slice(0, slowTexts),
  );
  return few.map(({ text, ...rest }) => ({ ...rest, text: text.slice(0, chars) }));
}

function figuresOf(
  check: string,
  texts: readonly Labelled[],
  judged: readonly Judged[],
): PeerFigures {
  const times = judged.map(({ cpuMs }) => cpuMs);
  const bytes = texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const part = (kind: boolean): number => {
    const those = judged.filter((_, at) => texts[at]?.isHostile === kind);
    return those.filter(({ isFlagged }) => isFlagged).length / Math.max(1, those.length);
  };
  return {
    check,
    MBps: bytes / 1_000 / times.reduce((sum, time) => sum + time, 0),
    p50Ms: median(times),
    p99Ms: quantile(times, 0.99),
    chars: Math.max(...texts.map(({ text }) => text.length)),
    found: part(true),
    falseAlarms: part(false),
  };
}
