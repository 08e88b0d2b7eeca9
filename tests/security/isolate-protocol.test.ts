import tap, { type Test, test } from "tap";
import { runCall } from "../../sandbox/isolate/call/run-call.ts";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { startWorker, type WorkerProcess } from "../../sandbox/isolate/pool/worker-process.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { descendants } from "../support/processes.ts";
import { grantOf } from "./broker-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import { askedBroker, hostilePrelude } from "./isolate-hostile-worker.ts";

tap.setTimeout(110_000);

async function attacked(
  source: string,
  wallMs = 3_000,
): Promise<[SandboxResult, WorkerProcess, string[]]> {
  const jail = jailCommand(hostilePrelude + source);
  if (!jail) throw new Error("no jail");
  const worker = await startWorker(jail, 32);
  const asked: string[] = [];
  const grant = grantOf({ limits: { wallMs, cpuMs: 1_000, memoryMb: 32, outputKb: 64 } });
  const result = await runCall(
    worker,
    { grant, code: "", input: "{}" },
    {
      broker: askedBroker(asked),
      now: () => performance.now(),
      signal: new AbortController().signal,
    },
  );
  return [result, worker, asked];
}

function gone(t: Test): void {
  t.strictSame(descendants(process.pid), [], "and no process is left");
}

const breaches: readonly [string, string][] = [
  ["bytes that are no frame", "raw(Buffer.from('SSH-2.0-OpenSSH\\r\\n'.repeat(100)));"],
  ["a frame of four gigabytes", "raw(Buffer.from([255, 255, 255, 255, 1]));"],
  ["a frame a byte too large", "const h = Buffer.alloc(4); h.writeUInt32BE(4259841); raw(h);"],
  ["an empty frame", "frame('');"],
  ["a frame that is no object", "frame('[]');"],
  ["a frame that is no UTF-8", "raw(Buffer.from([0, 0, 0, 2, 0xc3, 0x28]));"],
  [
    "a key twice",
    'const c = JSON.stringify(call.channel); frame(\'{"channel":\' + c + \',"channel":\' + c + \',"said":["output","1",""]}\');',
  ],
  ["a nest of brackets", "frame('{\"said\":' + '['.repeat(1e5) + ']'.repeat(1e5) + '}');"],
  ["a million values", "say(new Array(1e6).fill(0));"],
  ["another channel", "say(['output', '1', ''], 'x'.repeat(22));"],
  ["no channel", 'frame(\'{"said":["output","1",""]}\');'],
  ["an unknown word", "say(['done', '1', '']);"],
  ["a word of the prototype", "say(['constructor', '1', '']);"],
  ["no word", "say([]);"],
  ["an output that is no text", "say(['output', { a: 1 }, '']);"],
  ["a log that is too long", "say(['output', '1', 'x'.repeat(20000)]);"],
  ["a wait for nothing", "say(['requests', [], '']);"],
  ["requests that are none", "say(['requests', [1], '']);"],
  ["a request twice", "say(['requests', [[0, 'fetch', '{}'], [0, 'fetch', '{}']], '']);"],
  ["a request before the first", "say(['requests', [[-1, 'fetch', '{}']], '']);"],
  ["being ready once more", "say(['ready']);"],
  ["words without a log", "say(['output', '1']);"],
  [
    "requests without end",
    "say(['requests', Array.from({ length: 1000 }, (_, i) => [i, 'fetch', '{}']), '']);",
  ],
  [
    "requests without end, one by one",
    "for (let i = 0; ; i++) { say(['requests', [[i, 'fetch', '{}']], '']); read(); }",
  ],
  ["half a frame, and its death", "raw(Buffer.from([0, 0, 1, 0, 123])); process.exit(0);"],
  ["death", "process.exit(0);"],
  ["a crash", "process.abort();"],
  [
    "a fault of the processor",
    "process.kill(process.pid, 'SIGSEGV'); process.dlopen({ exports: {} }, '/app/node');",
  ],
  ["a pipe that it closes, and its death", "closeSync(1); process.exit(0);"],
];

test(titleOf("R27"), async (t) => {
  for (const [name, source] of breaches) {
    const [result, worker, asked] = await attacked(`${source}\nwait();`);
    t.equal(result.kind === "failed" && result.code, "SANDBOX_CRASH", name);
    t.notOk(worker.isAlive);
    t.ok(asked.length <= 64);
    gone(t);
  }
});

const stalls: readonly [string, string][] = [
  ["says nothing", "wait();"],
  ["closes its pipe", "closeSync(1); wait();"],
  ["drips bytes", "raw(Buffer.from([0, 16, 0, 0])); for (;;) raw(Buffer.from([32]));"],
  ["stops itself", "process.kill(process.pid, 'SIGSTOP'); wait();"],
  [
    "hears no signal",
    "for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, () => {}); wait();",
  ],
  [
    "has made processes of its own",
    "const { spawn } = await import('node:child_process'); for (let i = 0; i < 20; i++) spawn('/usr/bin/sleep', ['600'], { detached: true, stdio: ['inherit', 'inherit', 'inherit'] }).on('error', () => {}); await new Promise((r) => setTimeout(r, 100)); wait();",
  ],
];

test("a worker that stalls is killed at the deadline, with all that it started", async (t) => {
  for (const [name, source] of stalls) {
    const [result, worker] = await attacked(source, 400);
    // Where a call of the system is the last one that it makes, it does not get to its deadline.
    t.match(result.kind === "failed" && result.code, /^(TIMEOUT_WALL|SANDBOX_CRASH)$/, name);
    t.notOk(worker.isAlive);
    gone(t);
  }
});

test("a second answer to a call kills the worker, whenever it comes", async (t) => {
  const [, together] = await attacked(
    "say(['output', '1', '']); say(['output', '2', '']); wait();",
  );
  await together.died;
  t.notOk(together.isAlive);
  const [late, after] = await attacked(
    "say(['output', '1', '']); setTimeout(() => say(['output', '2', '']), 100);",
  );
  t.equal(late.kind === "output" && late.output, "1");
  await after.died;
  t.notOk(after.isAlive);
  gone(t);
});

test("a worker learns nothing but its own call, and asks through the same door", async (t) => {
  const [result, worker, asked] = await attacked(
    "say(['requests', [[0, 'fetch', '{}'], [1, 'exec', '{}']], '']); const a = []; while (a.length < 2) { a.push(...JSON.parse(read().answers)); if (a.length < 2) say(['requests', [], '']); } say(['output', JSON.stringify([Object.keys(call), a]), '']);",
  );
  await worker.kill();
  t.strictSame(asked, ["fetch", "exec"]);
  t.equal(result.kind, "output");
  if (result.kind !== "output") return;
  const [keys, answers] = JSON.parse(result.output);
  t.notOk(keys.includes("grant"));
  t.match(answers.sort(), [
    [0, true, 1],
    [1, false, "FILES_DENIED"],
  ]);
});
