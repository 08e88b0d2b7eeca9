import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Test, test } from "tap";
import { listRecords, showCall } from "../gateway/audit/read.ts";
import { verifyRecord } from "../gateway/audit/verify.ts";
import type { Deps } from "../gateway/deps.ts";
import { NotReplayable } from "../gateway/replay/recorded-call.ts";
import { type Replay, replayCall } from "../gateway/replay/replay-call.ts";
import type { JsonObject } from "../manifests/json.ts";
import { Refusal } from "../manifests/refusals.ts";
import type { Sandbox, SandboxJob } from "../sandbox/sandbox.ts";
import { openTestGateway, type TestGateway } from "./support/test-gateway.ts";

/** Code of `js.run`: all that it has is what it is given, its clock and its dice. */
const dice = "return [Date.now(), Math.random(), new Date().toISOString(), input];";

type Again = Replay | string;

/** What came of it, or why it could not be. */
async function again(
  on: TestGateway,
  id: string,
  change: (deps: Deps) => Partial<Deps> = () => ({}),
): Promise<Again> {
  const deps = { ...on.gateway.deps, ...change(on.gateway.deps) };
  const { signal } = new AbortController();
  const folder = join(on.folder, "state");
  try {
    return await replayCall(id, deps, { folder, by: "local:auditor", signal });
  } catch (error) {
    if (error instanceof NotReplayable) return error.message;
    throw error;
  }
}

/** Puts a job in the place of the one that is run again. */
function instead(change: (job: SandboxJob) => SandboxJob): (deps: Deps) => Partial<Deps> {
  return ({ sandboxes }) => {
    const isolate = sandboxes.get("isolate") as Sandbox;
    const run: Sandbox["run"] = (job, signal) => isolate.run(change(job), signal);
    return { sandboxes: new Map([["isolate", { ...isolate, run }]]) };
  };
}

async function ran(on: TestGateway, tool: string, args: JsonObject): Promise<string> {
  const session = await on.open({ task: `Use ${JSON.stringify(args)}.` });
  return (await session.propose(tool, args)).id;
}

const ends: readonly [string, string, JsonObject, string][] = [
  [
    "a tool that asks its clock and throws its dice",
    "js.run",
    { code: dice, input: 7 },
    "completed",
  ],
  [
    "a tool that throws",
    "js.run",
    { code: "throw new Error(String(Math.random()))" },
    "GUEST_ERROR",
  ],
  ["a tool that says too much", "js.run", { code: "return 'x'.repeat(1e6)" }, "OUTPUT_LIMIT"],
  ["a tool that reads", "files.read", { path: "a.txt" }, "completed"],
  ["a tool that reads what is not there", "files.read", { path: "none.txt" }, "FILES_FAILED"],
  ["a tool that lists", "files.list", { path: "." }, "completed"],
  ["a tool that writes", "files.write", { path: "made.txt", text: "made" }, "completed"],
];

test("a call that is run again does the same, however it ended", async (t) => {
  const on = await openTestGateway(t);
  await writeFile(join(on.workspace, "a.txt"), "alpha");
  for (const [name, tool, args, ended] of ends) {
    const replay = await again(on, await ran(on, tool, args));
    t.match(replay, { verdict: "same", ended, tool, isWhole: true }, name);
  }
});

test("running a call again has no effect and sees no change", async (t) => {
  const on = await openTestGateway(t);
  await writeFile(join(on.workspace, "a.txt"), "alpha");
  const read = await ran(on, "files.read", { path: "a.txt" });
  const wrote = await ran(on, "files.write", { path: "made.txt", text: "made" });
  await rm(join(on.workspace, "made.txt"));
  await writeFile(join(on.workspace, "a.txt"), "omega");
  t.match(await again(on, read), { verdict: "same", requests: 1 });
  t.match(await again(on, wrote), { verdict: "same", requests: 1 });
  t.notOk((await readdir(on.workspace)).includes("made.txt"));
  t.equal(await readFile(join(on.workspace, "a.txt"), "utf8"), "omega");
});

test("the first difference is named: a request, the log, the end", async (t) => {
  const on = await openTestGateway(t);
  await writeFile(join(on.workspace, "a.txt"), "alpha");
  const read = await ran(on, "files.read", { path: "a.txt" });
  const asks = instead((job) => ({ ...job, input: '{"path":"b.txt"}' }));
  const number = 1;
  t.match(await again(on, read, asks), {
    verdict: "different",
    difference: { what: "request", number },
  });
  const silent = instead((job) => ({ ...job, code: "var tool = { run() {} }" }));
  t.match(await again(on, read, silent), { difference: { what: "request", again: "none" } });
  const threw = await ran(on, "js.run", { code: dice });
  const other = instead(({ recording, ...job }) => {
    const start = (recording?.start ?? "").replace(/"seed":\[\d+/, '"seed":[1');
    return { ...job, ...(recording && { recording: { ...recording, start } }) };
  });
  t.match(await again(on, threw, other), { difference: { what: "end", recorded: /^output, / } });
  const logs = instead(({ code, ...job }) => ({
    ...job,
    code: `${code};tool = { run: ((run) => (a, h) => (h.log('hi'), run(a, h)))(tool.run) }`,
  }));
  t.match(await again(on, threw, logs), { verdict: "different", difference: { what: "log" } });
});

test("a call that was ended from outside is held to what it had asked until then", async (t) => {
  const on = await openTestGateway(t);
  const loop = await ran(on, "js.run", { code: "for (;;) {}" });
  t.match(await again(on, loop), { verdict: "same", ended: /^TIMEOUT_/, isWhole: false });
  const whole = await ran(on, "js.run", { code: "return 1" });
  const endless = instead((job) => ({
    ...job,
    code: "var tool = { run() { for (;;); } }",
    grant: { ...job.grant, limits: { ...job.grant.limits, cpuMs: 50 } },
  }));
  t.match(await again(on, whole, endless), /this time it was ended from outside: TIMEOUT_/);
  const replays = await listRecords(join(on.folder, "state"), { kind: "event.replay" });
  t.match(
    replays.find(({ details }) => details?.["call"] === whole),
    { details: { verdict: "cut" } },
    "it has run, and that is in the record",
  );
});

test("what cannot be run again is said, and why", async (t) => {
  const on = await openTestGateway(t);
  t.match(await again(on, "call_none"), /no such call/);
  const refused = await ran(on, "files.read", { path: "../x" });
  t.match(await again(on, refused), /never ran: it was refused with PERMISSION_EXCEEDED/);
  const id = await ran(on, "js.run", { code: dice });
  t.match(await again(on, id, () => ({ tools: new Map() })), /`js.run` is not loaded/);
  const changed = await again(on, id, ({ tools }) => {
    const tool = tools.get("js.run");
    return { tools: new Map(tool && [["js.run", { ...tool, pin: "f".repeat(64) }]]) };
  });
  t.match(changed, /`js\.run` had the pin [0-9a-f]{64}, and has f{64} here/);
  t.match(await again(on, id, () => ({ sandboxes: new Map() })), /`isolate` is not offered/);
});

test("nothing is run again where the walls do not hold", async (t) => {
  const on = await openTestGateway(t);
  const id = await ran(on, "js.run", { code: dice });
  let runs = 0;
  const counted = instead((job) => {
    runs += 1;
    return job;
  });
  const { selfProof } = on.gateway.deps;
  const require = (): Promise<never> => Promise.reject(new Refusal("SANDBOX_UNAVAILABLE"));
  const unproved = await again(on, id, (deps) => ({
    ...counted(deps),
    selfProof: { proofs: () => selfProof.proofs(), standing: {}, require },
  }));
  t.match(unproved, /the tier `isolate` is not offered here/);
  t.equal(runs, 0);
  t.match(await again(on, id, counted), { verdict: "same" });
  t.equal(runs, 1);
});

test("what was given is sealed, erased like any payload, and then says so", async (t) => {
  const on = await openTestGateway(t);
  const secret = `told-${randomBytes(8).toString("hex")}`;
  await writeFile(join(on.workspace, "a.txt"), secret);
  const id = await ran(on, "files.read", { path: "a.txt" });
  const state = join(on.folder, "state");
  await on.gateway.deps.store.record.checkpoint();
  for (const name of await readdir(state)) {
    t.notOk((await readFile(join(state, name))).includes(secret), `${name} does not say it`);
  }
  t.ok(payloadOf(await showCall(state, id), "recording")?.includes(secret), "the key's holder may");
  const store = new Database(join(state, "store.sqlite"));
  store.prepare("DELETE FROM payloads WHERE name = 'recording'").run();
  t.match(await again(on, id), /its recording can no longer be read: erased/);
  store.prepare("DELETE FROM payloads WHERE name = 'arguments'").run();
  store.close();
  t.match(await again(on, id), /its arguments can no longer be read: erased/);
  t.match(await verifyRecord(state), { verified: true });
});

function payloadOf(
  records: Awaited<ReturnType<typeof showCall>>,
  name: string,
): string | undefined {
  return records.flatMap(({ payloads }) => payloads).find((found) => found.name === name)?.text;
}

test("a recording that was altered is not believed", async (t) => {
  const on = await openTestGateway(t);
  const id = await ran(on, "js.run", { code: dice });
  const store = new Database(join(on.folder, "state", "store.sqlite"));
  store.prepare("UPDATE payloads SET sealed = zeroblob(200) WHERE name = 'recording'").run();
  store.close();
  t.match(await again(on, id), /altered, or sealed under another key/);
});

test("a call that was given more than a recording holds says that it was", async (t: Test) => {
  const on = await openTestGateway(t);
  await writeFile(join(on.workspace, "a.txt"), "\u0001".repeat(400_000));
  const id = await ran(on, "files.read", { path: "a.txt" });
  t.match(await again(on, id), /more than a recording may hold/);
});

test("that a call was run again is in the record, and by whom", async (t) => {
  const on = await openTestGateway(t);
  const id = await ran(on, "js.run", { code: dice });
  await again(on, id);
  const [record] = await listRecords(join(on.folder, "state"), { kind: "event.replay" });
  t.match(record, { details: { call: id, by: "local:auditor", verdict: "same" } });
});
