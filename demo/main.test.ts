import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";

interface DemoCall {
  readonly tool: string;
  readonly status: string;
  readonly ring: string | null;
  readonly code: string | null;
  readonly tier: string | null;
  readonly ms: number | null;
}

/** The demo as its own group of processes, with a folder of its own for temporary files. */
function startDemo(args: readonly string[], temporary: string): ChildProcess {
  return spawn(process.execPath, [`${import.meta.dirname}/main.ts`, ...args], {
    // biome-ignore lint/style/noProcessEnv: everything but the folder stays as it is.
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

/** Killed processes take a moment to go; those that were not killed would stay for good. */
async function isGroupGone({ pid = 0 }: ChildProcess): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      process.kill(-pid, 0);
    } catch {
      return true;
    }
    await sleep(100);
  }
  return false;
}

test("useful work is done, every hostile wish is refused, and the record verifies", async (t) => {
  const temporary = t.testdir();
  const demo = startDemo(["--json"], temporary);
  const [output, errors, [code]] = await Promise.all([
    text(demo.stdout as NodeJS.ReadableStream),
    text(demo.stderr as NodeJS.ReadableStream),
    once(demo, "close") as Promise<[number | null]>,
  ]);
  t.equal(code, 0, errors);
  t.match(output, /^\{[^\n]*\}\n$/, "one line and nothing else");
  const { calls, audit, ...more } = JSON.parse(output) as {
    calls: DemoCall[];
    audit: { records: number; verified: boolean };
  };
  t.same(more, {});
  t.same(Object.keys(calls[0] ?? {}), ["tool", "status", "ring", "code", "tier", "ms"]);
  const completed = calls.filter(({ status }) => status === "completed");
  const refused = calls.filter(({ status }) => status === "refused");
  t.ok(completed.length >= 4, `${completed.length} completed`);
  t.ok(refused.length >= 8, `${refused.length} refused`);
  t.ok(completed.every(({ tier }) => tier === "isolate"));
  for (const ring of ["door", "schema", "input", "policy", "grant", "sandbox", "broker"]) {
    t.ok(
      refused.some((call) => call.ring === ring),
      ring,
    );
  }
  t.ok(calls.some(({ code: reason }) => reason === "APPROVAL_MISMATCH"));
  t.equal(audit.verified, true);
  t.ok(audit.records > calls.length, `${audit.records} records`);
  t.same(readdirSync(temporary), [], "no file is left");
  t.ok(await isGroupGone(demo), "no process is left");
});

test("an interrupted demo leaves no file and no process", async (t) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const temporary = t.testdir();
    const demo = startDemo([], temporary);
    const closed = once(demo, "close") as Promise<[number | null]>;
    let output = "";
    for await (const chunk of demo.stdout as NodeJS.ReadableStream) {
      output += String(chunk);
      if (!output.includes("completed")) continue;
      // As a terminal does it: the whole group; and as `npm` does it: twice.
      demo.kill(signal);
      demo.kill(signal);
      break;
    }
    demo.stdout?.resume();
    const [code] = await closed;
    t.equal(code, 130, signal);
    t.same(readdirSync(temporary), [], "no file is left");
    t.ok(await isGroupGone(demo), "no process is left");
  }
});

test("unknown arguments are refused before anything is started", async (t) => {
  const demo = startDemo(["--jsno"], t.testdir());
  const [code] = (await once(demo, "close")) as [number];
  t.equal(code, 64);
});
