import { detectorNames, noContext } from "../guardrails/detector.ts";
import { detectorsNamed } from "../guardrails/detectors.ts";
import { scanJson } from "../guardrails/scan.ts";
import type { JsonValue } from "../manifests/json.ts";
import { median, quantile } from "./quantile.ts";
import { type GatewayScanFigures, measureInGateway } from "./scan-gateway.ts";
import { comparePeers, type PeerFigures } from "./scan-peers.ts";
import { mixedSorts, type Sample, type Sort, samplesOfEachSort, sorts } from "./scan-texts.ts";

interface ScanFigures extends GatewayScanFigures {
  /** Million bytes of text a second of processor time, all detectors on. */
  readonly scanMBps: Readonly<Record<Sort | "mixed", number>>;
  /** Milliseconds of processor time for 10 KB of the mixed set. */
  readonly scan10KbMs: { readonly p50: number; readonly p99: number };
  /** The same texts, read by others. */
  readonly scanPeers: readonly PeerFigures[];
}

const rounds = 5;
const count = 40;
const detectors = detectorsNamed(detectorNames);

export async function benchScan(): Promise<ScanFigures> {
  const samples = samplesOfEachSort(count);
  const mixed = mixedSorts.flatMap((sort) => samples[sort]);
  const speeds: Partial<Record<Sort | "mixed", number>> = { mixed: await speedOf(mixed) };
  for (const sort of sorts) speeds[sort] = await speedOf(samples[sort]);
  const times: number[] = [];
  for (const { value } of mixed) times.push(await cpuMsOf(value));
  return {
    scanMBps: speeds as ScanFigures["scanMBps"],
    scan10KbMs: { p50: median(times), p99: quantile(times, 0.99) },
    ...(await measureInGateway(mixed)),
    scanPeers: await comparePeers(samples),
  };
}

async function speedOf(samples: readonly Sample[]): Promise<number> {
  const times: number[] = [];
  const whole = samples.map(({ value }) => value);
  for (let round = 0; round < rounds; round += 1) times.push(await cpuMsOf(whole));
  return samples.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000 / median(times);
}

async function cpuMsOf(value: JsonValue): Promise<number> {
  const before = process.cpuUsage();
  await scanJson(value, detectors, noContext);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
