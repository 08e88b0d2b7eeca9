import { styleText } from "node:util";
import type { CallProgress } from "../agent/progress.ts";
import { rings } from "../manifests/refusals.ts";
import { countOf, type Outcome, type Row, refusingRings } from "./rows.ts";

/** Prints the demo for a person, a line as soon as there is something to tell; 100 columns wide. */
export interface Table {
  title(text: string): void;
  row(row: Row): void;
  summary(outcome: Outcome, broken: readonly string[]): void;
}

/** `stream` gets colours only where it is a terminal that wants them. */
export function createTable(stream: NodeJS.WriteStream): Table {
  const paint: Paint = (format, text) => styleText(format, text, { stream });
  const print = (line = ""): void => void stream.write(`${line}\n`);
  let last: Row | undefined;
  return {
    title: (text) => print(paint("bold", text)),
    row(row) {
      if (last?.intent.group !== row.intent.group) heading(row, { paint, print });
      if (last?.intent.wish !== row.intent.wish) print(paint("dim", `  ${row.intent.wish}`));
      print(line(row.call, paint));
      last = row;
    },
    summary(outcome, broken) {
      print();
      for (const text of closing(outcome)) print(text);
      for (const text of broken) print(paint("red", `Not as promised: ${text}.`));
    },
  };
}

type Format = Parameters<typeof styleText>[0];
type Paint = (format: Format, text: string) => string;

const groups = {
  work: "What the user asked for",
  attack: "What the hostile texts asked for",
} as const;

function heading(
  { intent }: Row,
  { paint, print }: { readonly paint: Paint; readonly print: (line?: string) => void },
): void {
  const columns = cells(["call", "verdict", "ring", "reason", "ms"]);
  print();
  print(paint("bold", groups[intent.group]));
  print(paint("underline", columns.join(" ")));
}

const widths = [52, 9, 8, 19, 6] as const;

function cells(texts: readonly string[]): readonly string[] {
  return widths.map((width, index) => {
    const text = texts[index] ?? "";
    const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    return index === widths.length - 1 ? cut.padStart(width) : cut.padEnd(width);
  });
}

const colours: Readonly<Partial<Record<CallProgress["status"], Format>>> = {
  completed: "green",
  refused: "red",
  pending: "yellow",
};

function line(call: CallProgress, paint: Paint): string {
  const [what = "", verdict = "", ...rest] = cells([
    `    ${call.tool} ${gist(call)}`,
    call.status,
    call.ring ?? "",
    call.code ?? noticed(call),
    call.ms === undefined ? "" : call.ms.toFixed(0),
  ]);
  return [what, paint(colours[call.status] ?? "magenta", verdict), ...rest].join(" ");
}

/** What the output guard took out, where it did. */
function noticed({ findings = {} }: CallProgress): string {
  const secrets = Object.entries(findings).filter(([kind]) => kind.startsWith("secret:"));
  const count = secrets.reduce((sum, [, times]) => sum + times, 0);
  return count === 0 ? "" : `${count} secret${count === 1 ? "" : "s"} redacted`;
}

/** The telling part of the arguments, without anything that could move the cursor. */
function gist({ arguments: text }: CallProgress): string {
  return tellingPart(text).replaceAll(/[^\x20-\x7e]+/g, "?");
}

function tellingPart(text: string): string {
  const given = readArguments(text);
  const told = ["url", "path", "query", "pattern", "code"].find((name) => name in given);
  if (told !== undefined) return String(given[told]).replace(/^http:\/\//, "");
  const { csv: _csv, ...rest } = given;
  return JSON.stringify(rest);
}

function readArguments(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return { code: text };
  }
}

function closing({ rows, audit, escaped, unwalled }: Outcome): readonly string[] {
  const counts = refusingRings(rows);
  const perRing = rings
    .filter((ring) => counts.has(ring))
    .map((ring) => `${ring} ${counts.get(ring)}`);
  const arrived = escaped.length === 0 ? "nothing" : `requests: ${escaped.length}`;
  return [
    `${countOf(rows, "completed")} calls completed, ${countOf(rows, "pending")} asked a person, ` +
      `${countOf(rows, "refused")} were refused.`,
    `Refusals by ring: ${perRing.join(", ")}.`,
    `The attacker's server was up all the time and received ${arrived}.`,
    `The record holds ${audit.records} records; its chain ${audit.verified ? "verifies" : "is broken"}.`,
    ...unwalled.map((tier) => `This machine can build no walls: tier ${tier} ran WITHOUT THEM.`),
  ];
}
