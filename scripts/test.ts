import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { lendEngine } from "./engine/lend-engine.ts";
import { summaryOf } from "./tap-summary.ts";

/**
 * `npm test`: lint, types, then every test. Arguments go to tap: `npm test -- policies/*.test.ts`.
 * Tests that need a container engine share one, which the first of them starts.
 * The last line counts: `N passed, N failed, N skipped`.
 */
const root = resolve(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");

async function main(files: readonly string[]): Promise<number> {
  const checked = files.length > 0 || ((await run("biome", ["ci", "."])) && (await run("tsc", [])));
  if (!checked) return 1;
  if (!existsSync(join(root, ".tap", "plugins")) && !(await run("tap", ["build"]))) return 1;
  const engine = lendEngine();
  try {
    return await runTests(files, { ...engine.environment, ...process.env });
  } finally {
    await engine.close();
  }
}

async function runTests(files: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-tap-"));
  const output = join(folder, "all.tap");
  try {
    const args = ["--reporter=terse", `--output-file=${output}`, ...files];
    const NODE_COMPILE_CACHE = join(folder, "compiled");
    const passed = await run("tap", args, { ...env, NODE_COMPILE_CACHE });
    const tap = readFileSync(output, "utf8");
    console.log(summaryOf(tap).join("\n"));
    return passed ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program of `node_modules/.bin` with the Node that npm brought; true where it exits 0. */
async function run(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const env = { ...environment, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const child = spawn(join(bin, program), args, { cwd: root, env, stdio: "inherit" });
  const stop = (signal: NodeJS.Signals): boolean => child.kill(signal);
  for (const signal of signals) process.on(signal, stop);
  const [code] = await once(child, "close");
  for (const signal of signals) process.off(signal, stop);
  return code === 0;
}

/** Whoever stops the tests stops tap, and what was made for them is removed all the same. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

process.exitCode = await main(process.argv.slice(2));
