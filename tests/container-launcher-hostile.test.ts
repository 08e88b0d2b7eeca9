import { connect, type Socket } from "node:net";
import { type Test, test } from "tap";
import { containerLimits } from "../manifests/container-limits.ts";
import { Connection } from "../sandbox/container/link/connection.ts";
import type { Frame } from "../sandbox/container/link/frame.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { engineFor } from "./support/engine.ts";
import { type RecordingEngine, recordEngine } from "./support/recording-engine.ts";
import { heardOf, type TestLauncher, testLauncher } from "./support/test-launcher.ts";

/*
 * The gateway is one ring, and the launcher is another: what a gateway that was taken over says to
 * the launcher is an attack. Nothing of the engine's can be said, so nothing of it is ever asked.
 */

interface Attacked extends TestLauncher {
  readonly recorder: RecordingEngine;
  connect(): Attacker;
}

interface Attacker {
  readonly connection: Connection;
  readonly socket: Socket;
  /** The first word that the launcher says; undefined where it says none. */
  readonly answer: Promise<{ readonly word?: string; readonly code?: string } | undefined>;
}

async function attacked(t: Test): Promise<Attacked | undefined> {
  const engine = await engineFor(t);
  if (!engine) return undefined;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const tools = [{ script: "cat", reads: [{ path: ".", access: "read" }] }] as const;
  const launcher = await testLauncher(t, { engine: recorder.socket, image, tools });
  return { ...launcher, recorder, connect: () => attacker(t, launcher) };
}

function attacker(t: Test, { options }: TestLauncher): Attacker {
  const socket = connect(options.socket);
  const heard = Promise.withResolvers<Frame | undefined>();
  const bug = (error: unknown): void => void t.fail(String(error));
  const connection = new Connection(socket, (frame) => heard.resolve(frame), bug);
  void connection.closed.then(() => heard.resolve(undefined));
  t.teardown(() => socket.destroy());
  const answer = heard.promise.then((frame) => frame && JSON.parse(String(frame.bytes)));
  return { connection, socket, answer };
}

/** Keys of the engine's API, each of which would be the end of all walls. */
const keysOfTheEngine: readonly object[] = [
  { HostConfig: { Privileged: true } },
  { HostConfig: { Binds: ["/:/host"] } },
  { Privileged: true },
  { Binds: ["/:/host:rw"] },
  { Mounts: [{ Type: "bind", Source: "/", Target: "/host" }] },
  { VolumesFrom: ["other"] },
  { VolumeDriver: "local" },
  { Devices: [{ PathOnHost: "/dev/sda", PathInContainer: "/dev/sda", CgroupPermissions: "rwm" }] },
  { CapAdd: ["ALL"] },
  { SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"] },
  { PidMode: "host" },
  { NetworkMode: "host" },
  { IpcMode: "host" },
  { UsernsMode: "host" },
  { UTSMode: "host" },
  { CgroupParent: "/" },
  { CgroupnsMode: "host" },
  { Runtime: "runc" },
  { User: "0:0" },
  { Image: "other" },
  { image: "other" },
  { Entrypoint: ["/bin/sh"] },
  { Cmd: ["id"] },
  { command: ["id"] },
  { Env: ["LD_PRELOAD=/tmp/x.so"] },
  { labels: { "ringward.instance": "other" } },
  { name: "other" },
  { ["__proto__"]: { HostConfig: { Privileged: true } } },
];

test("no key of the engine's can be said, wherever it stands", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const { request, recorder } = launcher;
  for (const key of keysOfTheEngine) {
    const asked = request();
    for (const word of [
      { ...asked, ...key },
      { ...asked, limits: { ...asked.limits, ...key } },
      { ...asked, mounts: [key] },
      { ...asked, tier: key },
    ]) {
      const { connection, answer } = launcher.connect();
      connection.say({ word: "launch", ...word });
      t.equal(await answer, undefined, JSON.stringify(key));
    }
  }
  t.strictSame(recorder.creations(), []);
  await launcher.launch();
  t.equal(recorder.creations().length, 1, "it serves all the same");
});

test("each key of what the engine is told is the profile's own", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const { launch, recorder } = launcher;
  await launch();
  await launch({ limits: { memoryMb: 2 ** 40, cpuMs: 2 ** 40 } });
  const [first, second] = recorder.creations().map(({ body }) => body as Record<string, unknown>);
  const { Labels: labels, ...sent } = first ?? {};
  const { Labels: others, ...again } = second ?? {};
  t.strictSame(again, sent, "one that asks for more is told the same");
  t.strictSame(Object.keys(Object(labels)).sort(), Object.keys(Object(others)).sort());
  const targets = recorder.creations().map(({ target }) => target.replace(/[0-9a-f]{32}$/, "SLOT"));
  t.strictSame([...new Set(targets)], ["/containers/create?name=ringward-SLOT"]);
});

const garbage: readonly (readonly [string, (attacker: Attacker) => void])[] = [
  ["bytes at random", ({ socket }) => void socket.write(Buffer.alloc(4_096, 0xa5))],
  [
    "HTTP",
    ({ socket }) => void socket.write("POST /containers/create HTTP/1.1\r\nHost: x\r\n\r\n{}"),
  ],
  [
    "a frame without end",
    ({ socket }) => void socket.write(Buffer.from([3, 0, 0, 0, 255, 255, 255, 255])),
  ],
  ["a frame of nothing", ({ socket }) => void socket.write(Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]))],
  ["input for nobody", ({ connection }) => connection.send("stdin", Buffer.from("id\n"))],
  ["output", ({ connection }) => connection.send("stdout", Buffer.from("x"))],
  ["no JSON", ({ connection }) => connection.send("word", Buffer.from("launch"))],
  ["a list", ({ connection }) => connection.send("word", Buffer.from("[]"))],
  ["deep JSON", ({ connection }) => connection.send("word", Buffer.from("[".repeat(10_000)))],
  [
    "a key twice",
    ({ connection }) => connection.send("word", Buffer.from('{"word":"facts","word":"launch"}')),
  ],
  ["an end before a beginning", ({ connection }) => connection.say({ word: "end-input" })],
  ["a kill of nothing", ({ connection }) => connection.say({ word: "kill" })],
  ["a word of the launcher's", ({ connection }) => connection.say({ word: "gone" })],
];

for (const [what, attack] of garbage) {
  test(`${what}: the connection is closed, and nothing is asked of the engine`, async (t) => {
    const launcher = await attacked(t);
    if (!launcher) return;
    const one = launcher.connect();
    attack(one);
    await one.connection.closed;
    t.strictSame(launcher.recorder.creations(), []);
    await launcher.launcher.facts();
  });
}

test("a second request on a connection ends it, and its container", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const { request, recorder, names } = launcher;
  const { connection, answer } = launcher.connect();
  connection.say({ word: "launch", ...request() });
  t.match(await answer, { word: "launched" });
  connection.say({ word: "launch", ...request() });
  await connection.closed;
  t.equal(recorder.creations().length, 1);
  await launcher.close();
  t.strictSame(await names(), []);
});

test("a connection asks one question: more of them, or a launch behind one, end it", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const { recorder, request, names } = launcher;
  const before = recorder.requests().length;
  const words = [{ word: "facts" }, { word: "launch", ...request() }, { word: "kill" }];
  for (const more of words) {
    const { connection } = launcher.connect();
    connection.say({ word: "facts" });
    for (let times = 0; times < 50; times += 1) connection.say(more);
    await connection.closed;
    await launcher.launcher.facts();
  }
  // What was begun for a connection may go on behind its end, and count to the next one.
  const asked = recorder.requests().length - before;
  t.ok(asked <= 6 * words.length, `${asked} requests to the engine, of two questions each time`);
  t.strictSame(recorder.creations(), []);
  await launcher.close();
  t.strictSame(await names(), []);
});

test("a slot of another launcher's ends nothing of it: no name of a container is the gateway's", async (t) => {
  const engine = await engineFor(t);
  const launcher = await attacked(t);
  if (!(engine && launcher)) return;
  const image = await busyboxImage(engine);
  const other = await testLauncher(t, { engine: engine.socket, image });
  const request = other.request();
  const standing = await other.launch(request);
  const intruding = await launcher.launch({ slot: request.slot }).catch(() => undefined);
  await intruding?.kill();
  standing.write(Buffer.from("it lives\n"));
  standing.endInput();
  t.match(await heardOf(standing), { stdout: "it lives\n", exitCode: 0 });
});

test("input before there is a container ends the connection, and what was begun for it", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const { connection, answer } = launcher.connect();
  connection.say({ word: "launch", ...launcher.request() });
  connection.send("stdin", Buffer.from("id\n"));
  t.equal(await answer, undefined);
  await launcher.close();
  t.strictSame(await launcher.names(), []);
});

test("half a frame starts nothing, and its connection can be closed", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const { socket, connection } = launcher.connect();
  socket.write(Buffer.from([3, 0, 0, 0, 0, 0, 1, 0]));
  socket.end('{"word":"launch"');
  await connection.closed;
  t.strictSame(
    launcher.recorder.requests().filter(({ method }) => method !== "GET"),
    [],
  );
});

test("a thousand connections are no more than there may be, and nobody serves the rest", async (t) => {
  const launcher = await attacked(t);
  if (!launcher) return;
  const all = Array.from({ length: 1_000 }, () => launcher.connect());
  const closed = new Set<Attacker>();
  const isEnough = Promise.withResolvers<void>();
  for (const one of all) {
    void one.connection.closed.then(() => {
      closed.add(one);
      if (closed.size >= 1_000 - containerLimits.linkConnections) isEnough.resolve();
    });
  }
  await isEnough.promise;
  const left = all.filter((one) => !closed.has(one));
  t.ok(
    left.every((one, index) => one === all[index]),
    "who came first is served",
  );
  t.equal(left.length, containerLimits.linkConnections);
  for (const { socket } of left) socket.destroy();
  await Promise.all(left.map(({ connection }) => connection.closed));
  t.strictSame(launcher.recorder.creations(), []);
  await launcher.launch();
});
