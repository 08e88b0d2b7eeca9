import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Mutation, mutations } from "./mutations.ts";

/**
 * `npm run mutate [WORD…]`: takes each wall and check out, one at a time, in a copy of the sources,
 * and runs the test that is named for it, which has to fail. Words choose mutations by file or name.
 */
const root = resolve(import.meta.dirname, "..", "..");

/** A test that hangs without its wall has failed as well. */
const testMs = 120_000;

type Verdict = "red" | "green" | "broken";

async function main(words: readonly string[]): Promise<number> {
  const chosen = mutations.filter(
    ({ file, takesOut }) =>
      words.length === 0 || words.some((word) => `${file} ${takesOut}`.includes(word)),
  );
  const waiting = [...chosen];
  const survivors: Mutation[] = [];
  await Promise.all(
    Array.from({ length: availableParallelism() }, () =>
      inCopy(async (folder) => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const verdict = await tryOut(folder, next);
          say(`${verdict.padEnd(6)} ${next.file}: ${next.takesOut} (${next.test})`);
          if (verdict !== "red") survivors.push(next);
        }
      }),
    ),
  );
  say(`${chosen.length - survivors.length} of ${chosen.length} turned their test red`);
  return survivors.length === 0 && chosen.length > 0 ? 0 : 1;
}

/** The sources alone; what npm installed is shared. */
async function inCopy(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-mutant-"));
  const left = new Set(
    ["node_modules", ".git", ".tap", "dist", "bench"].map((name) => join(root, name)),
  );
  try {
    cpSync(root, folder, { recursive: true, filter: (path) => !left.has(path) });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `broken` where the text is not there once, or the test fails on the code as it is. */
async function tryOut(folder: string, { file, from, to, test }: Mutation): Promise<Verdict> {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const isThere = text.split(from).length === 2;
  if (!isThere || !(await passesUnchanged(folder, test))) return "broken";
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    return (await passes(folder, test)) ? "green" : "red";
  } finally {
    writeFileSync(path, text);
  }
}

const unchanged = new Map<string, Promise<boolean>>();

function passesUnchanged(folder: string, test: string): Promise<boolean> {
  const known = unchanged.get(test) ?? passes(folder, test);
  unchanged.set(test, known);
  return known;
}

/** In a process group of its own, so that whatever a broken wall lets live ends with it. */
async function passes(folder: string, test: string): Promise<boolean> {
  const child = spawn(process.execPath, [test], { cwd: folder, stdio: "ignore", detached: true });
  const late = setTimeout(() => endGroup(child.pid), testMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(late);
  endGroup(child.pid);
  return code === 0;
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
