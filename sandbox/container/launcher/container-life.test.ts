import type { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { type Test, test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { launchRequest as request } from "../link/testing.ts";
import { ContainerLife } from "./container-life.ts";
import type { Engine } from "./engine.ts";
import { Reaper } from "./reaper.ts";
import { Room } from "./room.ts";
import { engineOf, FakeConnection, streamOf } from "./testing.ts";

const image = `sha256:${"1".repeat(64)}`;
interface Lived {
  readonly life: ContainerLife;
  readonly connection: FakeConnection;
  /** What the engine was asked, in turn. */
  readonly asked: string[];
  readonly stream: PassThrough;
  readonly room: Room;
}

const never = (): Promise<never> => new Promise(() => undefined);

/** Of an engine that does all that it is asked, but for what a test gives. */
function livingOf(t: Test, given: (asked: Lived) => Partial<Engine>, stream = streamOf()): Lived {
  const asked: string[] = [];
  const noted =
    <T>(what: string, answer: T) =>
    async (): Promise<T> => {
      asked.push(what);
      return answer;
    };
  const connection = new FakeConnection();
  const room = new Room({ containers: 1, containersBytes: 2 ** 40 });
  const engine = engineOf({
    image: async () => ({ id: image, env: [], volumes: [], digests: [] }),
    create: noted("create", "c"),
    attach: noted("attach", stream),
    start: noted("start", undefined),
    remove: noted("remove", undefined),
    firstProcess: async () => 0,
    isOutOfMemory: async () => false,
    exitCode: never,
  });
  const reaper = new Reaper(engine, async () => []);
  t.teardown(() => reaper.close());
  const tool = {
    pin: request.pin,
    tool: "t",
    image,
    command: ["x"],
    tiers: ["container"],
  } as const;
  const limits = { memoryMb: 32, cpuMs: 1_000, reads: [], isNetworked: false } as const;
  const launchable = { ...tool, ...limits, lifecycle: "call" } as const;
  const ground = {
    launchables: new Map([[request.pin, launchable]]),
    ...{ workspace: t.testdir({}), protectedPaths: [], sockets: "/nowhere" },
  };
  const life = new ContainerLife(connection.asConnection, {
    ...{ engine, reaper, room, ground, labels: {}, outputBytes: 1_000, note: () => undefined },
  });
  const lived = { life, connection, asked, stream, room };
  Object.assign(engine, given(lived));
  return lived;
}

function hear({ life }: Lived, word: string): void {
  life.hear({ kind: "word", bytes: Buffer.from(JSON.stringify({ word })) });
}

test("what is not to be said before there is a program is an error", (t) => {
  const lived = livingOf(t, () => ({}));
  t.throws(() => hear(lived, "end-input"), /not said now/);
  t.throws(() => hear(lived, "facts"), /not said now/);
  for (const kind of ["stdout", "stderr"] as const) {
    t.throws(() => lived.life.hear({ kind, bytes: Buffer.from("x") }), /only a program/);
  }
  t.throws(() => lived.life.hear({ kind: "stdin", bytes: Buffer.from("x") }), /no program/);
  t.end();
});

for (const [when, done] of [
  ["create", ["create", "remove"]],
  ["attach", ["create", "attach", "remove"]],
] as const) {
  test(`a container that is called off at \`${when}\` is not started, and is removed`, async (t) => {
    const lived = livingOf(t, ({ asked, stream }) => ({
      [when]: async () => {
        asked.push(when);
        lived.connection.end();
        await setImmediate();
        return when === "create" ? "c" : stream;
      },
    }));
    await lived.life.run(request);
    t.strictSame(lived.asked, done);
    t.notOk(lived.room.has(request.slot));
  });
}

test("a container that is called off before is not made at all", async (t) => {
  const lived = livingOf(t, () => ({
    image: async () => {
      lived.connection.end();
      await setImmediate();
      return { id: image, env: [], volumes: [], digests: [] };
    },
  }));
  await lived.life.run(request);
  t.strictSame(lived.asked, ["remove"]);
});

test("a start has a time, and what comes of it later is removed", async (t) => {
  t.intercept(containerLimits, "containerStartMs", { value: 20 as never });
  const made = Promise.withResolvers<string>();
  const lived = livingOf(t, ({ asked }) => ({
    create: () => {
      asked.push("create");
      return made.promise;
    },
  }));
  const running = lived.life.run(request);
  while (lived.connection.said.length === 0) await setImmediate();
  t.strictSame(lived.connection.said, ["refused"]);
  t.ok(lived.room.has(request.slot), "it has its place until it is gone");
  made.resolve("c");
  await running;
  t.equal(lived.asked.at(-1), "remove");
});

test("an image that the engine is never done with is refused in time", async (t) => {
  t.intercept(containerLimits, "containerStartMs", { value: 20 as never });
  const lived = livingOf(t, () => ({ image: never }));
  await lived.life.run(request);
  t.strictSame(lived.connection.said, ["refused"]);
});

test("all that a program said is told before its end", async (t) => {
  const lived = livingOf(t, ({ stream }) => ({
    exitCode: async () => {
      void setImmediate().then(() => stream.end(streamOf(["stdout", "last"]).read()));
      return 0;
    },
  }));
  await lived.life.run(request);
  t.strictSame(lived.connection.said, ["launched", "stdout last", "ended", "gone"]);
});

test("outputs that never end are waited for so long", async (t) => {
  t.intercept(containerLimits, "containerEndMs", { value: 20 as never });
  const lived = livingOf(t, () => ({ exitCode: async () => 0 }));
  await lived.life.run(request);
  t.strictSame(lived.connection.said, ["launched", "ended", "gone"]);
});

test("what is not removed in time is not said to be gone, and keeps its place", async (t) => {
  t.intercept(containerLimits, "containerEndMs", { value: 20 as never });
  const lived = livingOf(t, () => ({ remove: never }));
  const said: object[] = [];
  t.intercept(lived.connection, "say", { value: (word: object) => void said.push(word) });
  const running = lived.life.run(request);
  while (said.length === 0) await setImmediate();
  hear(lived, "kill");
  await running;
  t.match(said.at(-1), { word: "ended", lost: "engine" });
  t.equal(said.length, 2);
  t.ok(lived.stream.destroyed, "nothing of the engine's is kept");
  t.ok(lived.room.has(request.slot));
});
