import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import type { JsonObject, JsonValue } from "../../../manifests/json.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { SourceError } from "../../../manifests/source-error.ts";

/** A call that somebody once made, and what came back. */
export interface TracedCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly result: JsonValue;
  readonly error: string | null;
}

/** What a user asked for, and what it took. */
export interface TracedTask {
  readonly id: string;
  /** What the user said. */
  readonly task: string;
  readonly calls: readonly TracedCall[];
  /** Of the calls, those whose results a stranger can write into. */
  readonly entry: readonly number[];
}

/** What a stranger wants, and the calls of an agent that obeys. */
export interface TracedAttack {
  readonly id: string;
  readonly goal: string;
  readonly calls: readonly TracedCall[];
}

/** The result of one call of a task, with the text of an attack in it. */
export interface Poison {
  readonly task: string;
  readonly attack: string;
  readonly call: number;
  readonly result: JsonValue;
}

export interface Suite {
  readonly tasks: readonly TracedTask[];
  readonly attacks: readonly TracedAttack[];
  readonly poisons: readonly Poison[];
}

const callSchema = z.object({
  tool: z.string().min(1),
  arguments: z.record(z.string(), z.json()),
  result: z.json().default(null),
  error: z.string().nullable().default(null),
});

const about = { suite: z.string().min(1), id: z.string().min(1) };
const calls = z.array(callSchema);

const lineSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("task"),
    ...about,
    task: z.string(),
    calls,
    entry: z.array(z.int().min(0)).default([]),
  }),
  z.object({ kind: z.literal("attack"), ...about, goal: z.string(), calls }),
  z.object({
    kind: z.literal("poison"),
    suite: z.string().min(1),
    task: z.string(),
    attack: z.string(),
    call: z.int().min(0),
    result: z.json(),
  }),
]);

type Line = z.infer<typeof lineSchema>;

/**
 * One JSON object a line: tasks, attacks, and results with an attack in them, by suite.
 *
 * @throws {SourceError} with the line that is wrong; for a file of more than
 * `provenanceLimits.traceBytes`, and for one without a task.
 */
export async function readTraces(file: string): Promise<ReadonlyMap<string, Suite>> {
  const complain = (line: number, what: string, mend: string): SourceError =>
    new SourceError({ file, line, column: 1 }, { what, mend });
  const { size } = await stat(file);
  if (size > provenanceLimits.traceBytes) {
    throw complain(1, `the file has ${size} bytes`, `at most ${provenanceLimits.traceBytes}`);
  }
  const texts = (await readFile(file, "utf8")).split("\n");
  const lines = texts.flatMap((text, index): readonly Line[] => {
    if (text.trim() === "") return [];
    const parsed = parseLine(text);
    if (typeof parsed !== "string") return [parsed];
    throw complain(index + 1, parsed, "write one task, attack or poison a line, as JSON");
  });
  if (!lines.some(({ kind }) => kind === "task")) {
    throw complain(1, "there is no task in it", 'write lines with `"kind": "task"`');
  }
  const suites = Map.groupBy(lines, ({ suite }) => suite);
  return new Map([...suites].map(([name, group]) => [name, suiteOf(group)]));
}

function parseLine(text: string): Line | string {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof z.ZodError)) return "no JSON";
    const [issue] = error.issues;
    return `\`${issue?.path.join(".") ?? ""}\`: ${issue?.message ?? "wrong"}`;
  }
}

function suiteOf(lines: readonly Line[]): Suite {
  return {
    tasks: lines.filter((line) => line.kind === "task"),
    attacks: lines.filter((line) => line.kind === "attack"),
    poisons: lines.filter((line) => line.kind === "poison"),
  } as unknown as Suite;
}
