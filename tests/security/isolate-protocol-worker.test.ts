import { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker, type WorkerProcess } from "../../sandbox/isolate/pool/worker-process.ts";
import { descendants } from "../support/processes.ts";

const start = JSON.stringify({
  now: 1,
  seed: [1, 2, 3, 4],
  ...{ outputChars: 100, logChars: 100, hostCalls: 1, requestChars: 100 },
});

function callOf(source: string): object {
  const about = { channel: "c", wallMs: 5_000, memoryMb: 32, start };
  return { ...about, code: 0, source, input: "{}" };
}

async function started(t: Test): Promise<WorkerProcess> {
  const jail = jailCommand(workerSource("main"));
  if (!jail) throw new Error("no jail");
  const worker = await startWorker(jail, 32);
  t.teardown(() => worker.kill());
  return worker;
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

/** What another reader of JSON would take. */
const frames: readonly (readonly [string, object])[] = [
  ["half a surrogate", { ...callOf("var tool = { run() { return 1; } };"), input: "\ud800" }],
  ["a deep nest", { ...callOf("var tool = { run() { return 1; } };"), more: nested(40) }],
  [
    "a number that nobody can hold",
    { ...callOf("var tool = { run() { return 1; } };"), more: 2 ** 60 },
  ],
  [
    "a frame beyond the size",
    { ...callOf("var tool = { run() { return 1; } };"), more: "x".repeat(limits.workerFrameBytes) },
  ],
];

test("a worker reads its frames as strictly as the gateway does, and ends at one that is none", async (t) => {
  for (const [name, frame] of frames) {
    const worker = await started(t);
    worker.send(frame);
    await t.rejects(worker.receive(), name);
    await worker.died;
  }
  t.strictSame(descendants(process.pid), []);
});

test("a worker does not take the answers of another call", async (t) => {
  const worker = await started(t);
  worker.send(callOf("var tool = { run(args, host) { return host.files.read('a'); } };"));
  t.match(await worker.receive(), {
    channel: "c",
    said: ["requests", [[0, "files.read", /a/]], ""],
  });
  worker.send({ channel: "d", now: 2, answers: '[[0,true,"stolen"]]' });
  await t.rejects(worker.receive());
  await worker.died;
});

const askTwice = 'host.files.read("a"); host.files.read("b").catch(() => {}); return 1;';
const ownThen = `
  Object.defineProperty(Promise.prototype, "constructor", { get() { throw new Error("seen"); } });
  return { then(done) { done(1); } };`;

/** What a guest does, and what its worker says of it before any gateway counts. */
const ends: readonly (readonly [name: string, body: string, said: readonly unknown[]])[] = [
  ["says as much as it may", "return 'x'.repeat(98);", ["output", `"${"x".repeat(98)}"`, ""]],
  ["says a character more", "return 'x'.repeat(99);", ["output-limit", ""]],
  ["logs too much", "host.log('x'.repeat(98)); host.log('yz');", ["output", "null", log()]],
  ["fails at length", "throw new Error('x'.repeat(501));", ["error", failure(), "", ""]],
  ["asks too often, and goes on", askTwice, ["host-calls", ""]],
  ["changes what promises are", ownThen, ["output", "1", ""]],
  ["never ends", "for (;;);", ["wall"]],
  ["takes all memory", "const a = []; for (;;) a.push(new Array(1e5).fill(a.length));", ["memory"]],
];

function log(): string {
  return `${"x".repeat(98)}\ny`;
}

function failure(): string {
  return `Error: ${"x".repeat(500)}`;
}

test("a worker holds a guest to its limits itself", async (t) => {
  for (const [name, body, said] of ends) {
    const worker = await started(t);
    const call = callOf(`var tool = { run(args, host) { ${body} } };`);
    worker.send({ ...call, wallMs: name === "never ends" ? 100 : 5_000 });
    t.strictSame((await worker.receive())["said"], said, name);
    await worker.kill();
  }
});
