import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import type { Test } from "tap";
import { verifyRecord } from "../../gateway/audit/verify.ts";

export interface CrashOptions {
  readonly folder: string;
  readonly rounds: number;
  readonly seed: number;
  /** Milliseconds that a child works, at most. */
  readonly longestMs: number;
  /** Environment of the children, beside an empty one. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the machine does between the death of one process and the start of the next. */
  readonly afterKill?: () => void;
}

/** What the children said, over all rounds. */
interface Said {
  readonly admitted: Set<string>;
  readonly settled: Set<string>;
  ready: number;
}

/**
 * Kills a process that writes to the store at a random moment, again and again, and holds the store
 * to what was acknowledged each time.
 */
export async function crashAndCheck(t: Test, options: CrashOptions): Promise<void> {
  const random = randomFrom(options.seed);
  t.teardown(() => rmSync(`${options.folder}-compiled`, { recursive: true, force: true }));
  const said: Said = { admitted: new Set(), settled: new Set(), ready: 0 };
  let inDoubt: readonly string[] = [];
  let next = startChild(t, options);
  for (let round = 1; round <= options.rounds; round += 1) {
    const child = next;
    next = startChild(t, options);
    const before = said.ready;
    await runAndKill(child, said, { at: random(), ms: random() * options.longestMs });
    options.afterKill?.();
    const where = `round ${round} of seed ${options.seed}`;
    const hasOpened = said.ready > before;
    await checkStore(t, options.folder, { said, inDoubt: hasOpened ? inDoubt : [], where });
    inDoubt = callsThat(options.folder, "running");
  }
  next.process.kill("SIGKILL");
  t.ok(
    said.settled.size > options.rounds,
    `${said.settled.size} calls were acknowledged as settled`,
  );
  t.comment(`${said.ready} of ${options.rounds} starts were acknowledged before the kill`);
}

interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Everything that it said. */
  text: string;
}

const childFile = join(import.meta.dirname, "crash-child.ts");

function startChild(t: Test, { folder, env = {} }: CrashOptions): Child {
  const stdio = ["pipe", "pipe", "inherit"] as ["pipe", "pipe", "inherit"];
  // Compiling the same modules a hundred times would be most of the work.
  const cached = { ...env, NODE_COMPILE_CACHE: `${folder}-compiled` };
  const made = spawn(process.execPath, [childFile, folder], { stdio, env: cached });
  const child = { process: made, text: "" };
  child.process.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    child.text += chunk;
  });
  // It may be killed before it reads.
  child.process.stdin.on("error", () => undefined);
  t.teardown(() => child.process.kill("SIGKILL"));
  return child;
}

/** Most are killed at work, some while they open the store and mend what the last one left. */
async function runAndKill(
  child: Child,
  said: Said,
  moment: { at: number; ms: number },
): Promise<void> {
  await heard(child, "up\n");
  child.process.stdin.write("x");
  if (moment.at > 0.2) await heard(child, "ready\n");
  // By what it did, not by time: on a busy machine too, most of them have acknowledged something.
  if (moment.at > 0.4) await heard(child, "settled ", settledBeforeKill);
  await sleep(moment.ms);
  const closed = once(child.process, "close");
  child.process.kill("SIGKILL");
  await closed;
  for (const line of child.text.split("\n").slice(1, -1)) note(line, said);
}

const settledBeforeKill = 4;

async function heard(child: Child, word: string, times: number = 1): Promise<void> {
  while (child.text.split(word).length <= times) await once(child.process.stdout, "data");
}

function note(line: string, said: Said): void {
  const [what, id = ""] = line.split(" ");
  if (what === "admitted") said.admitted.add(id);
  else if (what === "settled") said.settled.add(id);
  else said.ready += 1;
}

interface Expected {
  readonly said: Said;
  /** Calls that were running when the process before died; this one has ended them. */
  readonly inDoubt: readonly string[];
  readonly where: string;
}

async function checkStore(t: Test, folder: string, expected: Expected): Promise<void> {
  const { said, inDoubt, where } = expected;
  if (said.ready === 0) return;
  const { verified, faults } = await verifyRecord(folder);
  const completed = new Set(callsThat(folder, "completed"));
  const unknown = new Set(callsThat(folder, "unknown"));
  const there = new Set([...completed, ...unknown, ...callsThat(folder, "running")]);
  const problems = [
    ...faults.map(({ what, sequence }) => `record ${sequence}: ${what}`),
    ...[...said.settled].filter((id) => !completed.has(id)).map((id) => `${id} was settled`),
    ...[...said.admitted].filter((id) => !there.has(id)).map((id) => `${id} was admitted`),
    ...inDoubt.filter((id) => !unknown.has(id)).map((id) => `${id} is not unknown`),
    ...grantsUsedTwice(folder).map((id) => `${id} was used twice`),
  ];
  if (!verified || problems.length > 0) t.fail(`${where}: ${problems.slice(0, 5).join("; ")}`);
}

function callsThat(folder: string, status: string): readonly string[] {
  return query(folder, `SELECT id FROM calls WHERE status = '${status}'`);
}

function grantsUsedTwice(folder: string): readonly string[] {
  const grant = "json_extract(text, '$.content.grant')";
  const intents = `SELECT ${grant} AS grant_id FROM records WHERE kind = 'intent'`;
  return query(folder, `SELECT grant_id FROM (${intents}) GROUP BY 1 HAVING count(*) > 1`);
}

function query(folder: string, sql: string): readonly string[] {
  const file = join(folder, "store.sqlite");
  // Killed before it made one.
  if (!existsSync(file)) return [];
  const db = new Database(file, { readonly: true });
  try {
    const hasTables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'calls'").get();
    return hasTables ? (db.prepare(sql).pluck().all() as string[]) : [];
  } finally {
    db.close();
  }
}

/** Mulberry32: the same numbers from the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
