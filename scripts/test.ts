import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/**
 * `npm test`: lint, types, then every test. Arguments go to tap: `npm test -- policies/*.test.ts`.
 * The last line counts: `N passed, N failed, N skipped`.
 */
const root = resolve(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");

function main(files: readonly string[]): number {
  const checked = files.length > 0 || (run("biome", ["ci", "."]) && run("tsc", []));
  if (!checked) return 1;
  if (!existsSync(join(root, ".tap", "plugins")) && !run("tap", ["build"])) return 1;
  return runTests(files);
}

function runTests(files: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "ringward-tap-"));
  const output = join(folder, "all.tap");
  try {
    const passed = run("tap", ["--reporter=terse", `--output-file=${output}`, ...files]);
    const tap = readFileSync(output, "utf8");
    console.log([...failures(tap), counted(tap)].join("\n"));
    return passed ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failureLines = 30;

/** Each failed assertion with what tap says of it; the reporter keeps quiet where no terminal is. */
function failures(tap: string): readonly string[] {
  const lines = tap.split("\n");
  return lines.flatMap((line, at) => {
    if (!/^\s*not ok/.test(line)) return [];
    const told = lines.slice(at, at + failureLines);
    const end = told.findIndex((one, index) => index > 0 && /^\s*\.\.\.$/.test(one));
    return end === -1 ? told : told.slice(0, end + 1);
  });
}

/** A test file counts once for each of its tests; a file that died counts as failed. */
function counted(tap: string): string {
  const points = tap.match(/^ {4}(?:not )?ok \d+.*$/gm) ?? [];
  const skipped = points.filter((point) => /# SKIP/i.test(point)).length;
  const dead = (tap.match(/^not ok \d+/gm) ?? []).length;
  const failed = Math.max(points.filter((point) => point.startsWith("    not ok")).length, dead);
  return `${points.length - skipped - failed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Runs a program of `node_modules/.bin` with the Node that npm brought; true where it exits 0. */
function run(program: string, args: readonly string[]): boolean {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const { status } = spawnSync(join(bin, program), args, { cwd: root, env, stdio: "inherit" });
  return status === 0;
}

process.exit(main(process.argv.slice(2)));
