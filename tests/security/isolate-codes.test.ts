import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import tap, { type Test, test } from "tap";
import { listRecords, showCall } from "../../gateway/audit/read.ts";
import type { CallAnswer } from "../../manifests/call.ts";
import {
  openTestGateway,
  recordHolds,
  type TestGateway,
  type TestSession,
} from "../support/test-gateway.ts";
import { type AttackId, endingsOf, titleOf } from "./catalogue.ts";

tap.setTimeout(110_000);

const manifests = [join(import.meta.dirname, "attack-tools")];
const canary = "canary-of-the-gateway";

async function openAttacked(t: Test): Promise<TestGateway> {
  process.env["RINGWARD_CANARY"] = canary;
  t.teardown(() => delete process.env["RINGWARD_CANARY"]);
  const opened = await openTestGateway(t, { manifests, workers: 2 });
  await mkdir(join(opened.workspace, "docs"));
  await writeFile(join(opened.folder, "canary.txt"), canary);
  await writeFile(join(opened.workspace, "other.txt"), canary);
  return opened;
}

const escapes =
  "Object.prototype.then = undefined; Error.prepareStackTrace = () => { throw host; };";

/** Through every ring, one for each way in which a call can end in the sandbox or at the broker. */
const attacks: readonly (readonly [AttackId, string, string])[] = [
  ["G01", "attack.run", "return { then() { for (;;); } };"],
  ["G02", "attack.long", "return { get x() { for (;;); } };"],
  ["G03", "attack.run", "const a = []; for (;;) a.push(new Array(1e5).fill(a.length));"],
  ["G04", "attack.run", "return 'x'.repeat(1e5);"],
  [
    "G05",
    "attack.run",
    "const all = []; for (let i = 0; i < 1e4; i++) all.push(host.files.read('docs/a')); await Promise.all(all);",
  ],
  ["G06", "js.run", "throw new Proxy({}, { get() { throw input; } });"],
  [
    "G08",
    "attack.run",
    `${escapes} return await host.fetch({ url: 'http://169.254.169.254/latest/' });`,
  ],
  ["G09", "attack.run", `${escapes} return await host.files.read('docs/../../canary.txt');`],
  ["G09", "attack.run", "return await host.files.read('other.txt');"],
  [
    "G11",
    "js.run",
    'return JSON.parse(\'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\');',
  ],
];

test("each attack ends with its code, in the record too, and the next calls are right", async (t) => {
  const opened = await openAttacked(t);
  const [mallory, alice] = [await opened.open({ principal: "mallory" }), await opened.open()];
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  for (const [id, name, code] of attacks) {
    const answer = await mallory.propose(name, { code });
    t.ok(endingsOf(id).includes(endingOf(answer)), `${titleOf(id)}: ${endingOf(answer)}`);
    t.notMatch(JSON.stringify(answer), canary);
    for (const session of [mallory, alice]) {
      t.match(await session.propose("attack.run", { code: "return 6 * 7" }), { output: 42 });
    }
  }
  delay.disable();
  t.comment(`event loop: p99 ${delay.percentile(99) / 1e6} ms, longest ${delay.max / 1e6} ms`);
  t.ok(delay.percentile(99) < 1e9, "the gateway's loop was free");
  t.equal(({} as { polluted?: number }).polluted, undefined);
  await recorded(t, opened);
  await recordHolds(t, opened, attacks.length * 3);
});

function endingOf(answer: CallAnswer): string {
  return answer.status === "completed" ? answer.status : String((answer as { code?: string }).code);
}

/** Each verdict stands in the record, and no text there holds what the attacks looked for. */
async function recorded(t: Test, { gateway, folder }: TestGateway): Promise<void> {
  const state = join(folder, "state");
  for (const [id] of attacks) {
    const [code = ""] = endingsOf(id).filter((one) => one !== "completed");
    if (code !== "") t.ok((await listRecords(state, { code })).length > 0, `a row of ${code}`);
  }
  for (const { id } of await gateway.deps.store.calls.list({})) {
    t.notMatch(JSON.stringify(await showCall(state, id)), canary);
  }
}

test(titleOf("G10"), async (t) => {
  const opened = await openAttacked(t);
  const sessions = await Promise.all(
    ["mallory", "trudy", "alice"].map((principal) => opened.open({ principal })),
  );
  const [mallory, trudy, alice] = sessions;
  const hog = (session: TestSession | undefined, file: string): Promise<CallAnswer> | undefined =>
    session?.propose("attack.long", {
      code: `await host.files.write('docs/${file}', 'x'); for (;;);`,
    });
  const hogs = [hog(mallory, "m"), hog(trudy, "t")];
  const docs = join(opened.workspace, "docs");
  while ((await readdir(docs)).length < hogs.length) await sleep(5);
  const brief = await alice?.propose("attack.brief", { code: "return 1" });
  t.match(brief, { code: "SANDBOX_UNAVAILABLE" }, "none other is used instead");
  for (const one of hogs) t.match(await one, { code: "TIMEOUT_WALL" });
  for (const session of sessions) {
    t.match(await session.propose("attack.run", { code: "return 6 * 7" }), { output: 42 });
  }
  await recordHolds(t, opened, 6);
});
