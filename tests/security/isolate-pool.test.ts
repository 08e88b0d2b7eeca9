// THREAT_MODEL: an escaped worker speaks after its verdict, floods, or never starts. Ring 7 holds:
// the verdict is final, processes and starts are bounded, and others get their turn.
import { readFileSync } from "node:fs";
import { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { runCall } from "../../sandbox/isolate/call/run-call.ts";
import { createIsolateSandbox } from "../../sandbox/isolate/isolate-sandbox.ts";
import { type Jail, jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { cordonOf } from "../../sandbox/isolate/pool/cordon.ts";
import { WorkerPool } from "../../sandbox/isolate/pool/worker-pool.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import type { SandboxJob, SandboxResult } from "../../sandbox/sandbox.ts";
import { descendants, noneLeft } from "../support/processes.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";
import { askedBroker, hostilePrelude } from "./isolate-hostile-worker.ts";

const prelude = `${hostilePrelude}
const verdict = ["output", "1", ""];
const wish = ["requests", [[0, "fetch", "{}"]], ""];
`;

interface Tier {
  /** What the broker was asked for. */
  readonly asked: string[];
  run(job?: SandboxJob): Promise<SandboxResult>;
}

/** The pool with workers of which the first is hostile, and all others are ours. */
function tierOf(t: Test, attack: string): Tier {
  const hostile = jailCommand(prelude + attack);
  const ours = jailCommand(workerSource("main"));
  if (!hostile || !ours) throw new Error("no jail");
  const jails: Jail[] = [hostile];
  const start = () => startWorker(jails.shift() ?? ours, limits.memoryMb);
  const now = () => performance.now();
  const pool = new WorkerPool({ workers: 2, start, now });
  t.teardown(async () => {
    await pool.close();
    const left = descendants(process.pid);
    if (left.length > 0) throw new Error(`processes left: ${left.join(" ")}`);
  });
  const asked: string[] = [];
  const deps = { broker: askedBroker(asked), now, signal: new AbortController().signal };
  return {
    asked,
    async run(job = jobOf()) {
      const worker = await pool.take(cordonOf(job.grant), 5_000, deps.signal);
      try {
        return await runCall(worker, job, deps);
      } finally {
        pool.give(worker);
      }
    },
  };
}

function jobOf(principal = "agent", author: "operator" | "agent" = "operator"): SandboxJob {
  const sandbox = { tier: "isolate", author, jit: false } as const;
  const code = "var tool = { run() { return 42; } };";
  return { grant: grantOf({ principal, sandbox }), code, input: "{}" };
}

/** Said in one breath with the verdict, so that the gateway has both before it answers. */
const withVerdict: readonly [string, string, string][] = [
  ["late-frame", "a second verdict", "framed(saying(['output', '2', '']))"],
  ["late-frame", "a request", "framed(saying(wish))"],
  ["late-frame", "half a frame", "Buffer.from([0, 0, 1])"],
  ["protocol", "bytes that are no frame", "Buffer.alloc(64, 255)"],
];

test("who says more with its verdict is not believed in the verdict either", async (t) => {
  for (const [signal, name, more] of withVerdict) {
    await t.test(name, async (t) => {
      const tier = tierOf(t, `raw(Buffer.concat([framed(saying(verdict)), ${more}])); wait();`);
      t.match(await tier.run(), { kind: "failed", code: "SANDBOX_CRASH", signal });
      t.match(await tier.run(), { kind: "output", output: "42" }, "the same principal's next call");
      t.match(await tier.run(jobOf("ann")), { kind: "output", output: "42" }, "and another's");
      t.strictSame(tier.asked, []);
    });
  }
});

const late = (what: string): string => `say(verdict); setTimeout(() => ${what}, 50); wait();`;

const afterVerdict: readonly [string, string][] = [
  ["a second verdict", late("say(['output', '2', ''])")],
  ["a request", late("say(wish)")],
  ["one byte", late("raw(Buffer.from([0]))")],
  ["an end", late("process.exit(0)")],
];

test("who speaks while it is idle is killed, and nothing of it has any effect", async (t) => {
  for (const [name, attack] of afterVerdict) {
    await t.test(name, async (t) => {
      const tier = tierOf(t, attack);
      t.match(await tier.run(), { kind: "output", output: "1" });
      await noneLeft();
      t.match(await tier.run(), { kind: "output", output: "42" }, "another worker answers");
      t.strictSame(tier.asked, []);
    });
  }
});

test("an answer laid ready for the next call is not taken for one", async (t) => {
  const tier = tierOf(t, "say(verdict); call = read(); say(verdict); say(verdict); wait();");
  t.match(await tier.run(), { output: "1" });
  await tier.run();
  // Whoever comes first, the frame or the call: no third call has its channel.
  const third = await tier.run();
  t.notMatch(third, { output: "1" });
  t.match(await tier.run(), { output: "42" });
});

const deaths: readonly [string, string, string][] = [
  ["protocol", "a word of no worker", "say(['done']); wait();"],
  [
    "protocol",
    "a breach that looks like want of memory",
    "writeSync(2, 'out of memory'); setTimeout(() => raw(Buffer.alloc(64, 255)), 50); wait();",
  ],
  ["died", "an end", "process.exit(0);"],
];

test("a crash says what it was, for whoever counts them", async (t) => {
  for (const [signal, name, attack] of deaths) {
    await t.test(name, async (t) => {
      const tier = tierOf(t, attack);
      t.match(await tier.run(), { kind: "failed", code: "SANDBOX_CRASH", signal });
      t.match(await tier.run(), { kind: "output", output: "42" });
    });
  }
});

test("there are never more workers than there may be, whatever is asked for", async (t) => {
  const workers = 3;
  const sandbox = createIsolateSandbox({ broker: askedBroker([]), workers });
  t.teardown(() => sandbox.close());
  await sandbox.warm();
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, outermost());
  }, 5);
  const calls = Array.from({ length: 12 }, (_, at) =>
    sandbox.run(jobOf(`principal ${at % 5}`, at % 2 ? "agent" : "operator"), never),
  );
  for (const result of await Promise.all(calls)) t.match(result, { output: "42" });
  clearInterval(look);
  t.ok(most >= 2 && most <= workers, `${most} at once`);
});

test("a flood of one principal leaves another one its turn", async (t) => {
  const sandbox = createIsolateSandbox({ broker: askedBroker([]), workers: 1 });
  t.teardown(() => sandbox.close());
  let done = 0;
  const flood = Array.from({ length: 150 }, () =>
    sandbox.run(slow("mallory"), never).then(() => {
      done += 1;
    }),
  );
  t.match(await sandbox.run(jobOf("ann"), never), { output: "42" });
  t.ok(done < limits.callsPerWorker - 1, `after ${done} calls of the flood`);
  await sandbox.close();
  await Promise.all(flood);
});

test("workers that die at their start are not started without end, and calls are refused", async (t) => {
  let starts = 0;
  const start = (): ReturnType<typeof startWorker> => {
    starts += 1;
    return startWorker({ file: "/bin/false", args: [] }, limits.memoryMb);
  };
  const pool = new WorkerPool({ workers: 4, start, now: () => performance.now() });
  t.teardown(() => pool.close());
  const until = performance.now() + 1_000;
  const codes = new Set<string>();
  let calls = 0;
  for (; performance.now() < until; calls += 1) {
    codes.add(await codeOf(pool.take(cordonOf(grantOf({ principal: `p${calls}` })), 5_000, never)));
  }
  t.strictSame([...codes], ["SANDBOX_UNAVAILABLE"]);
  t.ok(starts <= 6, `${starts} starts for ${calls} calls`);
  t.strictSame(descendants(process.pid), []);
});

const never = new AbortController().signal;

/** Long enough for a flood to outlast a worker's turn before the worker has served its share. */
function slow(principal: string): SandboxJob {
  const code = "var tool = { run() { let n = 0; while (n < 1200000) n += 1; return n; } };";
  return { ...jobOf(principal), code };
}

/** Jails that stand, and those that are just being built or torn down. */
function outermost(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  return children.split(" ").filter((pid) => pid !== "").length;
}
