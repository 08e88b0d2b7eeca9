// The threat: a server that outlives calls keeps what one call may, hangs, floods, or dies for ever.
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import type { ServiceInstance } from "../../sandbox/container/service/service.ts";
import { turns } from "./broker-files-fixtures.ts";
import { codeOf, place } from "./broker-fixtures.ts";
import { type Played, requestOf, type Stage, stage } from "./container-service-fixtures.ts";

const { servicePauseMs, servicePauseMsCeiling, serviceHealthMs, serviceAnswerMs } = containerLimits;
const never = new AbortController().signal;

function last<T>(items: readonly T[]): T {
  const item = items.at(-1);
  if (item === undefined) throw new Error("there is none");
  return item;
}

/** Ends the container that runs, and lets the pause after it pass. */
async function die(at: Stage, pauseMs: number): Promise<void> {
  last(at.launched).end();
  await turns(3);
  await at.pass(pauseMs);
}

test("runs one container, says lines to it and hears what it says", async (t) => {
  const { service, launched } = stage(t);
  const instance = await service.ready(never);
  t.match(service.state, { phase: "running", failures: 0 });
  const said: string[] = [];
  instance.onOutput((stream, bytes) => said.push(`${stream} ${bytes}`));
  instance.send("hello");
  const container = last(launched);
  container.say("a\nb");
  container.say("c", "stderr");
  t.strictSame(container.heard, ["hello\n"]);
  t.strictSame(said, ["stdout a\nb", "stderr c"]);
  t.equal(launched.length, 1);
});

test("what it says after its end is heard by nobody, and nobody tells it anything", async (t) => {
  const { service, launched } = stage(t);
  const instance = await service.ready(never);
  const said: string[] = [];
  instance.onOutput((_, bytes) => {
    said.push(`${bytes}`);
    instance.fail(new Refusal("OUTPUT_LIMIT", "too much"));
  });
  last(launched).say("a");
  last(launched).say("b");
  instance.send("c");
  await turns(3);
  t.strictSame(said, ["a"]);
  t.strictSame(last(launched).heard, []);
  t.ok(last(launched).isKilled);
  t.match(service.state, { phase: "pausing", lastEnd: { code: "OUTPUT_LIMIT" } });
});

test("starts again after a pause that doubles up to a ceiling", async (t) => {
  const at = stage(t);
  let pause = servicePauseMs;
  for (let failures = 1; failures <= 10; failures += 1) {
    await at.service.ready(never);
    await die(at, Math.min(pause, servicePauseMsCeiling));
    t.equal(at.service.state.failures, failures, "a crash loop can be seen");
    t.equal(at.launched.length, failures + 1);
    pause *= 2;
  }
  t.equal(Math.max(...at.waited.filter((ms) => ms !== serviceHealthMs)), servicePauseMsCeiling);
});

test("the pause is the first one again after a healthy while, and not before", async (t) => {
  const at = stage(t);
  await die(at, servicePauseMs);
  await die(at, servicePauseMs * 2);
  t.equal(at.service.state.failures, 2);
  await at.pass(serviceHealthMs);
  t.match(at.service.state, { phase: "running", failures: 0 });
  await die(at, servicePauseMs);
  t.match(at.service.state, { failures: 1 });
});

test("each instance has a slot, a way out and a credential of its own", async (t) => {
  const at = stage(t, { request: requestOf({ network: true }) });
  const first = await at.service.ready(never);
  await die(at, servicePauseMs);
  const second = await at.service.ready(never);
  t.not(first, second);
  t.ok(first.signal.aborted);
  t.notOk(second.signal.aborted);
  const [one, two] = at.sockets;
  t.ok(one?.isClosed, "the first one's is gone");
  t.ok(one?.door?.signal.aborted, "and lets nobody in");
  t.notOk(two?.isClosed);
  t.not(at.launched[0]?.request.slot, at.launched[1]?.request.slot);
  t.strictSame(at.launched[0]?.heard, ['{"credential":"credential-0"}\n']);
  t.strictSame(at.launched[1]?.heard, ['{"credential":"credential-1"}\n']);
});

test("gets out during a call alone, and then by that call's door", async (t) => {
  const at = stage(t, { request: requestOf({ network: true }) });
  const instance = await at.service.ready(never);
  const way = last(at.sockets).door as BrokerDoor;
  const { open } = place(t);
  const read = (): Promise<string> => codeOf(way.request("files.read", { path: "a.txt" }));
  t.equal(await read(), "EGRESS_DENIED", "before any call");
  const [small, large] = [open([]), open()];
  t.equal(await instance.during(small, read), "FILES_DENIED");
  t.equal(await instance.during(large, read), "done");
  t.equal(await read(), "EGRESS_DENIED", "between two calls");
  t.match([small.entries, large.entries], [[{ code: "FILES_DENIED" }], [{ action: "read" }]]);
  t.equal(large.read.integrity, "untrusted", "what it read is known at the call's door");
  await t.rejects(instance.during(large, () => Promise.reject(new Error("failed"))));
  t.equal(await read(), "EGRESS_DENIED", "after a call that failed");
});

test("calls have their turns one after the other", async (t) => {
  const at = stage(t, { request: requestOf({ network: true }) });
  const instance = await at.service.ready(never);
  const way = last(at.sockets).door as BrokerDoor;
  const { open } = place(t);
  const [first, second] = [open(), open()];
  const finish = Promise.withResolvers<void>();
  const read = (): Promise<unknown> => way.request("files.read", { path: "a.txt" });
  const one = instance.during(first, async () => {
    await finish.promise;
    await read();
  });
  const two = instance.during(second, read);
  await turns(3);
  t.equal(second.entries.length, 0);
  finish.resolve();
  await Promise.all([one, two]);
  t.strictSame([first.entries.length, second.entries.length], [1, 1]);
});

test("an instance that ended gets out for no call any more", async (t) => {
  const at = stage(t, { request: requestOf({ network: true }) });
  const instance = await at.service.ready(never);
  const way = last(at.sockets).door as BrokerDoor;
  last(at.launched).end();
  await turns(1);
  const door = place(t).open();
  const read = (): Promise<string> => codeOf(way.request("files.read", { path: "a.txt" }));
  t.equal(await instance.during(door, read), "CANCELLED");
  t.strictSame(door.entries, []);
});

const unhealthy: readonly (readonly [string, () => Promise<boolean>])[] = [
  ["says no", () => Promise.resolve(false)],
  ["fails", () => Promise.reject(new Error("no"))],
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
];
for (const [name, answer] of unhealthy) {
  test(`is ready only when it is healthy: one that ${name} is started again`, async (t) => {
    let isWell = false;
    const isHealthy = (): Promise<boolean> => (isWell ? Promise.resolve(true) : answer());
    const at = stage(t, { isHealthy });
    const ready = at.service.ready(never);
    await turns(3);
    t.match(at.service.state, { phase: "pausing", lastEnd: { code: "GUEST_ERROR" } });
    t.ok(last(at.launched).isKilled);
    isWell = true;
    await at.pass(servicePauseMs);
    t.notOk((await ready).signal.aborted);
    isWell = false;
    await at.pass(serviceHealthMs);
    t.ok((await ready).signal.aborted, "and when it is not any more");
    t.match(at.service.state, { phase: "pausing", failures: 2 });
  });
}

test("one that gives no answer in time is started again", async (t) => {
  const signals: AbortSignal[] = [];
  const isHealthy = (_: ServiceInstance, signal: AbortSignal): Promise<boolean> => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const at = stage(t, { isHealthy });
  await turns(3);
  t.match(at.service.state, { phase: "starting" });
  await at.pass(serviceAnswerMs);
  t.match(at.service.state, { phase: "pausing", failures: 1 });
  t.ok(last(signals).aborted);
});

const ends: readonly (readonly [string, (container: Played) => void, object])[] = [
  ["out of memory", (one) => one.end({ exitCode: 137, isOutOfMemory: true }), { code: "OOM" }],
  ["the engine is lost", (one) => one.end({ lost: "engine" }), { code: "ENGINE_UNAVAILABLE" }],
  [
    "its program ended",
    (one) => {
      one.say(`${"x".repeat(9_999)}\nno such `, "stderr");
      one.say("module\n", "stderr");
      one.end({ exitCode: 3 });
    },
    { code: "GUEST_ERROR", detail: "ended with exit code 3: no such module" },
  ],
];
for (const [name, end, lastEnd] of ends) {
  test(`says why it ended: ${name}`, async (t) => {
    const at = stage(t);
    await at.service.ready(never);
    end(last(at.launched));
    await turns(3);
    t.match(at.service.state, { phase: "pausing", lastEnd });
  });
}

test("a launcher that refuses is asked again, and no way out is left open", async (t) => {
  const launch = (): Promise<never> => Promise.reject(new Refusal("IMAGE_UNAVAILABLE"));
  const at = stage(t, { launcher: { launch }, request: requestOf({ network: true }) });
  await turns(3);
  t.match(at.service.state, { failures: 1, lastEnd: { code: "IMAGE_UNAVAILABLE" } });
  await at.pass(servicePauseMs);
  t.match(at.service.state, { failures: 2 });
  t.strictSame(
    at.sockets.map(({ isClosed }) => isClosed),
    [true, true],
  );
});

test("a bug is told, and ends the instance and not the gateway", async (t) => {
  const bug = new Error("a bug");
  const at = stage(t);
  (await at.service.ready(never)).onOutput(() => {
    throw bug;
  });
  last(at.launched).say("x\n");
  await turns(3);
  t.strictSame(at.bugs, [bug]);
  t.match(at.service.state, { phase: "pausing", lastEnd: { code: "INTERNAL" } });
  const other = stage(t, { launcher: { launch: () => Promise.reject(bug) } });
  await turns(3);
  t.strictSame(other.bugs, [bug]);
});

test("closed it is gone, whatever it was doing", async (t) => {
  for (const phase of ["starting", "running", "pausing"] as const) {
    const isHealthy = (): Promise<boolean> =>
      phase === "starting" ? new Promise(() => {}) : Promise.resolve(true);
    const at = stage(t, { isHealthy, request: requestOf({ network: true }) });
    await turns(3);
    if (phase === "pausing") last(at.launched).end();
    await turns(3);
    t.equal(at.service.state.phase, phase);
    const waiting = codeOf(at.service.ready(never));
    await at.service.close();
    t.equal(at.service.state.phase, "closed");
    t.ok(last(at.sockets).isClosed);
    t.ok(last(at.launched).isKilled || phase === "pausing");
    t.equal(at.launched.length, 1, "and not started again");
    t.strictSame(at.pauses, []);
    t.equal(await waiting, phase === "running" ? "done" : "SANDBOX_UNAVAILABLE");
    t.equal(await codeOf(at.service.ready(never)), "SANDBOX_UNAVAILABLE");
  }
});

test("whoever waits for it can give up", async (t) => {
  const at = stage(t, { isHealthy: () => new Promise(() => {}) });
  const stop = new AbortController();
  const waiting = codeOf(at.service.ready(stop.signal));
  stop.abort();
  t.equal(await waiting, "CANCELLED");
  t.equal(await codeOf(at.service.ready(AbortSignal.abort())), "CANCELLED");
});
