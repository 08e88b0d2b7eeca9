// The threat: a tool that stays serves whom it must not, or when it must not.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import { turns } from "./broker-files-fixtures.ts";
import { answers, type Served, servedCalls } from "./container-served-fixtures.ts";

const { serviceHealthMs } = containerLimits;
/** As long as it may run it waits. */
const soon = { limits: { ...inContainer().limits, wallMs: 50 } };

test("a call that is cancelled ends it: what it still does is no call's", async (t) => {
  const at = servedCalls(t);
  const stop = new AbortController();
  const running = at.run(() => stop.abort(), { signal: stop.signal });
  t.match(await running, { kind: "failed", code: "CANCELLED" });
  t.equal(at.launcher.alive(), 0);
});

test("a call that is cancelled while it waits for its turn is told so, and the others have theirs", async (t) => {
  const at = servedCalls(t);
  const stop = new AbortController();
  const finish = Promise.withResolvers<void>();
  const slow: Served = (one, told) => void finish.promise.then(() => answers(one, told));
  const first = at.run(slow);
  while (at.told.length < 2) await sleep(1);
  const second = at.run(slow, { signal: stop.signal });
  const third = at.run(slow);
  await turns(3);
  stop.abort();
  t.match(await second, { kind: "failed", code: "CANCELLED" });
  t.equal(at.told.length, 2, "it was told nothing");
  finish.resolve();
  t.match(await Promise.all([first, third]), [{ kind: "output" }, { kind: "output" }]);
});

test("whoever serves a call is not asked how it is", async (t) => {
  const at = servedCalls(t);
  const finish = Promise.withResolvers<void>();
  const running = at.run((one, told) => void finish.promise.then(() => answers(one, told)));
  while (at.told.length < 2) await sleep(1);
  await at.pass(serviceHealthMs);
  t.equal(at.told.length, 2);
  finish.resolve();
  t.equal((await running).kind, "output");
  await turns(3);
  t.equal(at.told.length, 3, "but then");
});

test("where it does not start, calls are told why", async (t) => {
  t.intercept(containerLimits, "containerWaitMs", { value: 50 as never });
  const at = servedCalls(t);
  at.launcher.fault = new Refusal("IMAGE_UNAVAILABLE");
  t.match(await at.run(answers, { grant: soon }), { kind: "failed", code: "IMAGE_UNAVAILABLE" });
});

test("another image than was granted serves nobody", async (t) => {
  const at = servedCalls(t);
  const sandbox = { ...inContainer().sandbox, image: `sha256:${"1".repeat(64)}` };
  t.match(await at.run(answers, { grant: { sandbox } }), { code: "IMAGE_MISMATCH" });
  t.equal(at.told.length, 1, "it was told nothing but the question how it is");
});

test("attack: what is mounted was replaced while it started, or since: it serves nobody", async (t) => {
  const at = servedCalls(t);
  const file = join(at.workspace, "a.txt");
  const replace = (): void => {
    renameSync(file, `${file}.old`);
    writeFileSync(file, "another");
  };
  const fs = [{ path: "a.txt", access: "read" }] as const;
  const grant = { ...soon, permissions: { net: [], fs } };
  t.intercept(containerLimits, "containerWaitMs", { value: 1_000 as never });
  const { launch } = at.launcher;
  at.launcher.launch = async (request) => {
    replace();
    at.launcher.launch = launch;
    return await launch.call(at.launcher, request);
  };
  t.match(await at.run(answers, { grant }), { kind: "failed", code: "GUEST_ERROR" });
  t.strictSame(at.told, [], "it was told nothing at all");

  t.equal(
    (await at.run(answers, { grant })).kind,
    "output",
    "for what stands there now there is one",
  );
  const used = at.launcher.made.at(-1);
  replace();
  await at.pass(serviceHealthMs);
  while (used?.isAlive) await sleep(1);
  t.equal(at.told.length, 2, "and it was asked nothing more");
});
