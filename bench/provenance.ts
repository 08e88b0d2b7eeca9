import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ProvenanceIndex } from "../gateway/sessions/provenance/provenance-index.ts";
import type { LogEntry } from "../gateway/store/store.ts";
import { median } from "./quantile.ts";

interface ProvenanceFigures {
  /** Microseconds to look up an argument of 64 bytes, by the values that the index holds. */
  readonly provenanceUs: Readonly<Record<"10" | "1000" | "100000", number>>;
  /** The same for a text of 20 KB, with 100,000 values. */
  readonly provenance20KbUs: number;
  /** Million bytes of results a second that go into the index: a stranger's, and a trusted tool's. */
  readonly indexMBps: { readonly untrusted: number; readonly trusted: number };
  /** Megabytes of memory for a million bytes of results. */
  readonly indexMbPerMB: number;
}

const rounds = 5;
const lookUps = 2_000;

export function benchProvenance(): ProvenanceFigures {
  const us = ([10, 1_000, 100_000] as const).map((values) =>
    lookUpUs(filled(values), lookUps, argument),
  );
  const [few = 0, some = 0, many = 0] = us;
  return {
    provenanceUs: { 10: few, 1000: some, 100000: many },
    provenance20KbUs: lookUpUs(filled(100_000), 20, sentence.repeat(400)),
    indexMBps: { untrusted: indexMBps("untrusted"), trusted: indexMBps("trusted") },
    indexMbPerMB: indexMbPerMB(),
  };
}

/** 64 bytes; the first words stand in every entry, the last in none. */
const argument = "send the figures of march to carol and dave at the harbour desks";
const sentence = "The harbour desk sends the figures of march to carol and dave. ";

/** Each entry holds ten values of its own, beside words that all of them hold. */
function filled(values: number): ProvenanceIndex {
  const index = new ProvenanceIndex();
  index.add(Array.from({ length: values / 10 }, (_, at) => entryOf(at, "trusted")));
  return index;
}

function entryOf(at: number, integrity: "trusted" | "untrusted"): LogEntry {
  const own = Array.from({ length: 9 }, (_, n) => `value-${at}-${n}`).join(" ");
  const text = JSON.stringify({ id: at, note: `${sentence}${own}` });
  const label = { integrity, confidentiality: "internal" } as const;
  return { sequence: at + 1, kind: "result", label, text, call: "c", tool: "t" };
}

function lookUpUs(index: ProvenanceIndex, count: number, value: string): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = process.cpuUsage();
    for (let at = 0; at < count; at += 1) {
      index.sourceOf({ value: `${value}${at % 7}`, role: "content", name: "body" });
    }
    const { user, system } = process.cpuUsage(from);
    times.push((user + system) / count);
  }
  return median(times);
}

const entries = 4_000;

function indexMBps(integrity: "trusted" | "untrusted"): number {
  const all = Array.from({ length: entries }, (_, at) => entryOf(at, integrity));
  const bytes = all.reduce((sum, { text }) => sum + text.length, 0);
  const speeds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = process.cpuUsage();
    new ProvenanceIndex().add(all);
    const { user, system } = process.cpuUsage(from);
    speeds.push(bytes / (user + system));
  }
  return median(speeds);
}

function indexMbPerMB(): number {
  const all = Array.from({ length: entries }, (_, at) => entryOf(at, "trusted"));
  const bytes = all.reduce((sum, { text }) => sum + text.length, 0);
  const index = new ProvenanceIndex();
  const before = heapBytes();
  index.add(all);
  const held = heapBytes() - before;
  // Asked once more, so that it is held until here.
  index.sourceOf({ value: argument, role: "content", name: "body" });
  return held / bytes;
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
