import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { test } from "tap";
import { Connection } from "../sandbox/container/link/connection.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { engineFor } from "./support/engine.ts";
import { recordEngine } from "./support/recording-engine.ts";
import {
  heardOf,
  newSlot,
  pinOf,
  requestOf,
  type TestLauncher,
  testLauncher,
} from "./support/test-launcher.ts";

/** Resolves when the engine has no container of it. */
async function noneLeft({ names }: Pick<TestLauncher, "names">): Promise<void> {
  while ((await names()).length > 0) await sleep(20);
}

/** Resolves when there is room for one: the launcher hears a little later that one is gone. */
async function placeIn({ launch }: TestLauncher): Promise<void> {
  const isStarted = async (): Promise<boolean> => {
    const launched = await launch().catch(() => undefined);
    await launched?.kill();
    return launched !== undefined;
  };
  while (!(await isStarted())) await sleep(20);
}

const sleeps = [{ script: "sleep 600" }];

test("a connection that is closed ends its container, whatever it was doing", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const tools = [
    ...sleeps,
    { script: "yes" },
    { script: "trap '' TERM INT HUP; while :; do :; done" },
  ];
  const launcher = await testLauncher(t, { engine: engine.socket, image, tools });
  for (const { pin } of launcher.options.launchables) {
    const socket = connect(launcher.options.socket);
    const said = Promise.withResolvers<void>();
    const connection = new Connection(socket, () => said.resolve(), said.reject);
    connection.say({ word: "launch", ...requestOf({ pin }) });
    await said.promise;
    socket.destroy();
    await noneLeft(launcher);
  }
  t.pass("nothing is left");
});

test("a launch that is cancelled leaves no container, however far it was", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const given = {
    engine: engine.socket,
    image,
    tools: sleeps,
    bounds: { containers: 1, containersBytes: 2 ** 30 },
  };
  const launcher = await testLauncher(t, given);
  for (const afterMs of [0, 20, 40, 80, 160]) {
    const signal = AbortSignal.timeout(afterMs);
    const launched = await launcher.launcher.launch(requestOf(), signal).catch(() => undefined);
    await launched?.kill();
    await noneLeft(launcher);
    await placeIn(launcher);
  }
  t.pass("nothing is left");
});

test("a container that does not start is removed, and only the operator is told why", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const launcher = await testLauncher(t, { engine: recorder.socket, image });
  for (const step of ["create", "attach", "start"]) {
    recorder.refused.add(step);
    await t.rejects(launcher.launch(), {
      code: "SANDBOX_UNAVAILABLE",
      message: "the engine did not start the container",
    });
    recorder.refused.clear();
    await noneLeft(launcher);
  }
  t.match(launcher.notes, [/out of order/, /out of order/, /out of order/]);
});

test("what computes while it waits has a call's processor time for it, and no more", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  // Each program of its own is over long before its own limit.
  const script = "while :; do sh -c 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done'; done";
  const { launch } = await testLauncher(t, {
    engine: engine.socket,
    image: await busyboxImage(engine),
    tools: [
      { script, cpuMs: 1_000 },
      { script, cpuMs: 1_000, lifecycle: "service" },
    ],
  });
  const service = await launch({ pin: pinOf(1) });
  const waiting = await launch();
  t.match(await waiting.ended, { exitCode: 152, isOutOfMemory: false });
  t.equal(await Promise.race([service.ended, "runs"]), "runs", "a service has no such end");
});

test("a launcher that closes ends all its containers", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const launcher = await testLauncher(t, { engine: engine.socket, image, tools: sleeps });
  const all = await Promise.all([launcher.launch(), launcher.launch(), launcher.launch()]);
  t.equal((await launcher.names()).length, 3);
  await launcher.close();
  t.strictSame(await launcher.names(), []);
  for (const one of all) t.match(await one.ended, { exitCode: 137 });
});

test("what a dead launcher of the deployment left is removed at the start; what is another's is not", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const living = await testLauncher(t, { engine: engine.socket, image, tools: sleeps });
  const { instance } = living.options;
  await living.launch();
  const other = await testLauncher(t, { engine: engine.socket, image, tools: sleeps });
  await other.launch();
  const docker = new Docker({ socketPath: engine.socket });
  const folder = mkdtempSync(join(tmpdir(), "ringward-lt-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const socket of [join(folder, "gone.sock"), "/".repeat(200), ""]) {
    const labels = { "ringward.instance": instance, "ringward.launcher": socket };
    const name = `ringward-${newSlot()}`;
    const left = await docker.createContainer({
      name,
      Image: image,
      Labels: labels,
      Cmd: ["sleep", "600"],
    });
    await left.start();
  }
  t.equal((await living.names()).length, 4);
  await testLauncher(t, { engine: engine.socket, image, instance });
  t.equal((await living.names()).length, 1, "a launcher that lives keeps its own");
  t.equal((await other.names()).length, 1, "another deployment's are not looked at");
});

test("what could not be removed keeps its place, and is tried again until it is gone", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const bounds = { containers: 1, containersBytes: 2 ** 30 };
  const given = { engine: recorder.socket, image, tools: sleeps, bounds };
  const launcher = await testLauncher(t, given);
  const launched = await launcher.launch();
  recorder.refused.add("DELETE");
  await launched.kill();
  t.equal((await launcher.names()).length, 1);
  await t.rejects(launcher.launch(), { code: "SANDBOX_UNAVAILABLE", message: /as many/ });
  recorder.refused.clear();
  await noneLeft(launcher);
  await placeIn(launcher);
});

test("when the engine was away, what is left is removed before the next, and what lives goes on", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const launcher = await testLauncher(t, { engine: recorder.socket, image });
  const [living, leaving] = await Promise.all([launcher.launch(), launcher.launch()]);
  recorder.broken.add("DELETE");
  await leaving.kill();
  await t.rejects(launcher.launch(), { code: "ENGINE_UNAVAILABLE" });
  t.equal((await launcher.names()).length, 2);
  recorder.broken.clear();
  await launcher.launch();
  t.equal((await launcher.names()).length, 2, "the one that lives, and the new one");
  const hearing = heardOf(living);
  living.write(Buffer.from("still here"));
  living.endInput();
  t.strictSame(await hearing, { stdout: "still here", stderr: "", exitCode: 0 });
});

test("where the engine is away the launcher serves, and refuses", async (t) => {
  const engine = join(tmpdir(), "ringward-no-engine.sock");
  const { launch, launcher, notes } = await testLauncher(t, {
    engine,
    image: `sha256:${"0".repeat(64)}`,
  });
  await t.rejects(launch(), { code: "ENGINE_UNAVAILABLE" });
  await t.rejects(launcher.facts(), { code: "ENGINE_UNAVAILABLE" });
  t.match(notes, [/away/]);
});
