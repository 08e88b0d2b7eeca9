import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { lendEngine } from "../../scripts/engine/lend-engine.ts";
import { Copy, type Trial } from "./copy.ts";
import { type Mutation, mutations } from "./mutations.ts";

/**
 * `npm run mutate [WORD…]`: takes each wall and check out, one at a time, in a copy of the sources,
 * and runs the test that is named for it, which has to fail. Words choose mutations by what they take
 * out, by their file or by their test. Fails unless every one of them turned its test red.
 */
type Verdict = "red" | "green" | "broken";

async function main(words: readonly string[], signal: AbortSignal): Promise<number> {
  const beganAt = performance.now();
  const chosen = mutations.filter((mutation) => isMeant(mutation, words));
  const copies = Copy.make(Math.max(1, Math.min(availableParallelism(), chosen.length)), signal);
  try {
    const tests = [...new Set(chosen.map(({ test }) => test))];
    say(`${chosen.length} mutations, ${tests.length} tests, ${copies.length} at a time`);
    const baselines = await runUnchanged(tests, copies);
    const survivors = await tryAll(chosen, copies, baselines);
    for (const line of survivors) say(line);
    const seconds = secondsSince(beganAt);
    say(`${chosen.length - survivors.length} of ${chosen.length} red, after ${seconds} s`);
    return survivors.length === 0 && chosen.length > 0 ? 0 : 1;
  } finally {
    for (const copy of copies) copy.remove();
  }
}

function isMeant({ file, takesOut, test }: Mutation, words: readonly string[]): boolean {
  const text = `${file}: ${takesOut} (${test})`;
  return words.length === 0 || words.some((word) => text.includes(word));
}

/** What each test does with the code as it is: one that fails then would say nothing. */
async function runUnchanged(
  tests: readonly string[],
  copies: readonly Copy[],
): Promise<ReadonlyMap<string, Trial>> {
  const baselines = new Map<string, Trial>();
  await share(tests, copies, async (test, copy) => {
    const trial = await copy.run(test, unchangedMs);
    baselines.set(test, trial);
    say(`${trial.passed ? "passes" : "FAILS "} ${inSeconds(trial.ms)} s  ${test}`);
  });
  return baselines;
}

async function tryAll(
  chosen: readonly Mutation[],
  copies: readonly Copy[],
  baselines: ReadonlyMap<string, Trial>,
): Promise<readonly string[]> {
  const survivors: string[] = [];
  let done = 0;
  await share(chosen, copies, async (mutation, copy) => {
    const beganAt = performance.now();
    const verdict = await tryOut(copy, mutation, baselines.get(mutation.test));
    const { file, takesOut, test } = mutation;
    done += 1;
    const line = `${verdict.padEnd(6)} ${secondsSince(beganAt)} s  ${file}: ${takesOut} (${test})`;
    say(`${String(done).padStart(3)}/${chosen.length} ${line}`);
    if (verdict !== "red") survivors.push(line);
  });
  return survivors;
}

/** `broken` where the text is not there once, or the test fails on the code as it is. */
async function tryOut(
  copy: Copy,
  { file, from, to, test }: Mutation,
  baseline: Trial | undefined,
): Promise<Verdict> {
  if (!baseline?.passed || copy.read(file).split(from).length !== 2) return "broken";
  const { passed } = await copy.with(file, { from, to }, () => copy.run(test, longest(baseline)));
  return passed ? "green" : "red";
}

const unchangedMs = 120_000;

/** A test that hangs without its wall has failed as well; it should not take long to say so. */
function longest({ ms }: Trial): number {
  return Math.min(unchangedMs, 5_000 + 4 * ms);
}

/** Each copy takes the next thing as soon as it is done with the last. */
async function share<T>(
  things: readonly T[],
  copies: readonly Copy[],
  use: (thing: T, copy: Copy) => Promise<void>,
): Promise<void> {
  const waiting = [...things];
  await Promise.all(
    copies.map(async (copy) => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await use(next, copy);
    }),
  );
}

function secondsSince(at: number): string {
  return inSeconds(performance.now() - at);
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(1).padStart(5);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Each copy of the sources runs its tests on one engine. */
const engine = lendEngine();
Object.assign(process.env, { ...engine.environment, ...process.env });
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort(new Error(signal)));
}
try {
  process.exitCode = await main(process.argv.slice(2), stop.signal);
} finally {
  await engine.close();
}
