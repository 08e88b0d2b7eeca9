// The threat: a tool that stays answers for another call, remembers for it, or keeps others out.
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import type { Grant } from "../../manifests/grant.ts";
import type { Permissions } from "../../manifests/permissions.ts";
import { answerBytesOf } from "../../sandbox/container/call/bounds.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import { turns } from "./broker-files-fixtures.ts";
import { answers, type Served, say, servedCalls } from "./container-served-fixtures.ts";

const { servicePauseMs } = containerLimits;

test("one service answers the calls of a session, one after the other", async (t) => {
  const { run, launcher, told } = servedCalls(t);
  const [first, second] = await Promise.all([run(answers), run(answers)]);
  t.match([first, second], [{ kind: "output", output: '"well"' }, { kind: "output" }]);
  t.equal(launcher.made.length, 1);
  t.equal(first.ranIn?.container, launcher.made[0]?.container);
  const nonces = told.map(({ nonce }) => nonce);
  t.equal(new Set(nonces).size, 3, "each is asked with a nonce of its own, and so is its health");
});

const web = {
  scheme: "https",
  host: "a.example",
  ports: [443],
  methods: ["GET"],
  path: "/",
} as const;
const net: Permissions = { net: [web], fs: [] };
const apart: Readonly<Record<string, Partial<Grant>>> = {
  "another session": { session: "other" },
  "another principal": { principal: "other" },
  "another tool": { toolPin: "1".repeat(64) },
  "another bundle": { bundle: "1".repeat(64) },
  "a way out": { permissions: net },
  "other permissions": { permissions: { net: [], fs: [{ path: ".", access: "list" }] } },
  "another secret": {
    secrets: [{ name: "key", place: { header: "x-key" }, hosts: ["a.example"] }] as never,
  },
  "arguments of strangers": { label: { integrity: "untrusted", confidentiality: "public" } },
  "secret arguments": { label: { integrity: "trusted", confidentiality: "secret" } },
  "other limits": { limits: { ...inContainer().limits, memoryMb: 33 } },
  "another tier": { sandbox: { tier: "gvisor", author: "operator", jit: false } },
};
for (const [what, grant] of Object.entries(apart)) {
  test(`what one call knows is not known to another: ${what}`, async (t) => {
    const { run, launcher } = servedCalls(t);
    await run(answers);
    await run(answers, { grant });
    t.equal(launcher.made.length, 2);
    await run(answers);
    t.equal(launcher.made.length, 2, "and the first one is still there");
  });
}

test("what it read in one call is in the label of what it says in the next", async (t) => {
  const at = servedCalls(t);
  const grant = { permissions: { ...net, fs: [{ path: ".", access: "list" }] } } as const;
  const reads: Served = (container, told) => {
    void at.proxy.doors[0]
      ?.request("files.list", { path: "." })
      .then(() => answers(container, told));
  };
  const untrusted = { read: { integrity: "untrusted" } };
  t.match(await at.run(answers, { grant }), { read: { integrity: "trusted" } });
  t.match(await at.run(reads, { grant }), untrusted);
  const next = await at.run(answers, { grant });
  t.match(next, untrusted);
  t.strictSame(next.requests, [], "though it asked for nothing itself");
  at.launcher.made[0]?.end({ exitCode: 0 });
  await turns(3);
  await at.pass(servicePauseMs);
  t.match(await at.run(answers, { grant }), { read: { integrity: "trusted" } }, "a new one forgot");
});

test("what it still asks when it has answered has nobody's rights, and is in nobody's record", async (t) => {
  const at = servedCalls(t);
  const grant = { permissions: { ...net, fs: [{ path: ".", access: "list" }] } } as const;
  const ask = (): Promise<unknown> | undefined =>
    at.proxy.doors[0]?.request("files.list", { path: "." });
  let late: Promise<unknown> | undefined;
  const asksLate: Served = (container, told) => {
    answers(container, told);
    late = ask();
    late?.catch(() => undefined);
  };
  await at.run(asksLate, { grant });
  await late?.catch(() => undefined);
  await t.rejects(Promise.resolve(ask()), { code: "EGRESS_DENIED" });
  const next = await at.run(answers, { grant });
  t.strictSame(next.requests, []);
});

const long = "x".repeat(answerBytesOf(inContainer()));
let earlier = "";
const lies: Readonly<Record<string, readonly [code: string, Served]>> = {
  "says what is no JSON": ["OUTPUT_UNREADABLE", (one) => one.say("well\n")],
  "answers another call": [
    "OUTPUT_UNREADABLE",
    (one) => say(one, { nonce: "0".repeat(32), output: 1 }),
  ],
  "answers the call before": [
    "OUTPUT_UNREADABLE",
    (one) => say(one, { nonce: earlier, output: 1 }),
  ],
  "answers twice": [
    "OUTPUT_UNREADABLE",
    (one, { nonce }) => {
      const line = JSON.stringify({ nonce, output: 1 });
      one.say(`${line}\n${line}\n`);
    },
  ],
  "says more behind its answer": [
    "OUTPUT_UNREADABLE",
    (one, { nonce }) => {
      say(one, { nonce, output: 1 });
      one.say("and");
    },
  ],
  "answers with more than it may": [
    "OUTPUT_LIMIT",
    (one, { nonce }) => say(one, { nonce, output: long }),
  ],
  "says nothing but line ends": ["OUTPUT_LIMIT", (one) => one.say("\n".repeat(long.length + 1))],
  "says what is no text": ["OUTPUT_UNREADABLE", (one) => one.say(Buffer.from([0xff, 0x0a]))],
  "floods its log": [
    "OUTPUT_LIMIT",
    (one) => {
      const mebibyte = "x".repeat(2 ** 20);
      for (let n = 0; n * 2 ** 20 <= containerLimits.errorBytes; n += 1)
        one.say(mebibyte, "stderr");
    },
  ],
  ends: ["OUTPUT_UNREADABLE", (one) => one.end({ exitCode: 0 })],
  "ends in the middle of its answer": [
    "OUTPUT_CUT",
    (one) => {
      one.say('{"nonce":\n');
      one.end({ exitCode: 1 });
    },
  ],
  "ends with an error": [
    "GUEST_ERROR",
    (one) => {
      one.say("no such module\n", "stderr");
      one.end({ exitCode: 3 });
    },
  ],
  "is ended by a signal": ["SANDBOX_CRASH", (one) => one.end({ exitCode: 139 })],
  "uses up its memory": ["OOM", (one) => one.end({ exitCode: 137, isOutOfMemory: true })],
  "is lost with its launcher": ["ENGINE_UNAVAILABLE", (one) => one.end({ lost: "launcher" })],
  "says nothing": ["TIMEOUT_WALL", () => undefined],
};
for (const [what, [code, serve]] of Object.entries(lies)) {
  test(`one that ${what} is ended, and answers no other call`, async (t) => {
    const at = servedCalls(t);
    await at.run(answers);
    earlier = at.told.at(-1)?.nonce ?? "";
    const grant = { limits: { ...inContainer().limits, wallMs: 50 } };
    const spoilt = code === "TIMEOUT_WALL" ? await at.run(serve, { grant }) : await at.run(serve);
    t.match(spoilt, { kind: "failed", code });
    const used = at.launcher.made.at(-1);
    t.notOk(used?.isAlive);
    if (what === "ends with an error") t.match(spoilt.log, "no such module");
    // A call of other limits had another service, of which nobody asks any more.
    if (code === "TIMEOUT_WALL") return;
    await turns(3);
    await at.pass(servicePauseMs);
    const next = await at.run(answers);
    t.equal(next.kind, "output");
    t.not(next.ranIn?.container, used?.container);
  });
}

test("what one call asked is over before the next one is told anything", async (t) => {
  const { run, doors } = servedCalls(t);
  const open: number[] = [];
  const counts: Served = (one, told) => {
    open.push(doors.filter(({ signal }) => !signal.aborted).length);
    answers(one, told);
  };
  await Promise.all([run(counts), run(counts), run(counts)]);
  t.strictSame(open, [3, 2, 1]);
});

test("an error of its own is an answer: it stays", async (t) => {
  const { run, launcher } = servedCalls(t);
  const fails: Served = (one, { nonce }) => say(one, { nonce, error: "no such page" });
  t.match(await run(fails), { kind: "failed", code: "GUEST_ERROR", detail: "no such page" });
  t.equal((await run(answers)).kind, "output");
  t.equal(launcher.made.length, 1);
});

test("it leaves no files", async (t) => {
  const { run } = servedCalls(t);
  const files = { "a.txt": "" };
  const serve: Served = (one, { nonce }) => say(one, { nonce, output: 1, files });
  t.match(await run(serve), { kind: "failed", code: "FILES_DENIED" });
});

const between: Readonly<
  Record<string, (container: { say: (text: string, where?: "stderr") => void }) => void>
> = {
  "an answer in advance": (one) => one.say('{"nonce":"","output":1}\n'),
  "empty lines without end": (one) => {
    for (let n = 0; n <= containerLimits.errorBytes; n += 2 ** 20) one.say("\n".repeat(2 ** 20));
  },
  "a log without end": (one) => {
    for (let n = 0; n <= containerLimits.errorBytes; n += 2 ** 20)
      one.say("x".repeat(2 ** 20), "stderr");
  },
};
for (const [what, speak] of Object.entries(between)) {
  test(`one that speaks between two calls is ended: ${what}`, async (t) => {
    const at = servedCalls(t);
    await at.run(answers);
    const [first] = at.launcher.made;
    if (first) speak(first);
    await turns(3);
    t.notOk(first?.isAlive);
    await at.pass(servicePauseMs);
    t.not((await at.run(answers)).ranIn?.container, first?.container);
  });
}

test("what it logs between two calls, within reason, is nobody's and ends nothing", async (t) => {
  const { run, launcher } = servedCalls(t);
  await run(answers);
  launcher.made[0]?.say("a note\n\n", "stderr");
  launcher.made[0]?.say("\n");
  const next = await run(answers);
  t.equal(next.log, "");
  t.equal(launcher.made.length, 1);
});
