import type { Endless, Held, Reached } from "./attempts.ts";
import type { Compared } from "./run.ts";

/** Three tables and what each peer does not do, for people. */
export function comparisonLines(all: readonly Compared[]): readonly string[] {
  return [
    "The same function, one kilobyte of JSON, one call at a time (ratios to the bare isolate)",
    ...table(costHead, all.map(costRow)),
    "What a hostile guest got (+ another call was answered meanwhile, - it had to wait)",
    ...table(attemptHead, all.map(attemptRow)),
    "What stands around the process that the guest runs in",
    ...table(["", ...wallNames.map(([, title]) => title)], all.map(wallRow)),
    "What each does not do",
    ...all.flatMap(lackLines),
  ];
}

type Row = readonly string[];

const costHead = [
  "",
  "cold ms",
  "p50 ms",
  "p99 ms",
  "CPU ms",
  "p50 ×",
  "CPU ×",
  "PSS MiB",
  "RSS MiB",
];

function costRow({ name, figures }: Compared): Row {
  const { coldMs, p50Ms, p99Ms, cpuMsPerCall, p50Ratio, cpuRatio, waiting } = figures;
  const times = [coldMs, p50Ms, p99Ms, cpuMsPerCall, p50Ratio, cpuRatio];
  return [name, ...[...times, waiting.pssMb, waiting.rssMb].map(short)];
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

const attemptHead = ["", "loop", "regex", "objects", "buffers", "network", "file", "environment"];

function attemptRow({ name, matrix }: Compared): Row {
  const { loop, regex, heap, buffers, network, file, environment } = matrix;
  return [
    name,
    ...[loop, regex].map(endlessCell),
    ...[heap, buffers].map(heldCell),
    ...[network, file, environment].map(reachedCell),
  ];
}

function endlessCell(held: Endless): string {
  return `${heldCell(held)} ${held.othersMeanwhile ? "+" : "-"}`;
}

function heldCell({ end, othersAfterwards }: Held): string {
  return othersAfterwards ? end : `${end}, for good`;
}

function reachedCell({ reached }: Reached): string {
  return reached ? "REACHED" : "no";
}

const wallNames = [
  ["ownProcess", "process"],
  ["ownNetwork", "network"],
  ["ownFiles", "files"],
  ["otherUser", "user"],
  ["noCapability", "no caps"],
  ["noNewPrivileges", "no new privs"],
  ["systemCallFilter", "syscalls"],
  ["boundedMemory", "memory"],
] as const;

function wallRow({ name, matrix }: Compared): Row {
  const { walls } = matrix;
  return [name, ...wallNames.map(([wall]) => (walls ? yesOrNo(walls[wall]) : "?"))];
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "-";
}

function lackLines({ name, version, fresh, lacks }: Compared): readonly string[] {
  return [
    `  ${name} ${version}: each call has to itself ${fresh}`,
    ...lacks.map((lack) => `    ${lack}`),
  ];
}

function table(head: Row, rows: readonly Row[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return [...all.map((row) => `  ${line(row).trimEnd()}`), ""];
}
