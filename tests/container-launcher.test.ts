import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import type { Ended } from "../sandbox/container/link/launcher.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { engineFor } from "./support/engine.ts";
import { recordEngine } from "./support/recording-engine.ts";
import { heardOf, newSlot, pinOf, testLauncher } from "./support/test-launcher.ts";

const write = (text: string): Buffer => Buffer.from(text);

test("a program is told on its standard input, heard on both outputs, and its end is known", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const script = 'read line; echo "heard $line"; echo aside >&2; cat; exit 3';
  const image = await busyboxImage(engine);
  const { launch, names } = await testLauncher(t, {
    engine: engine.socket,
    image,
    tools: [{ script }],
  });
  const launched = await launch();
  t.match(launched, { container: /^[0-9a-f]{64}$/, image });
  const hearing = heardOf(launched);
  launched.write(write("one\ntwo\n"));
  launched.endInput();
  t.strictSame(await hearing, { stdout: "heard one\ntwo\n", stderr: "aside\n", exitCode: 3 });
  await launched.kill();
  t.strictSame(await names(), []);
});

test("what the engine is and has", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const missing = `sha256:${"0".repeat(64)}`;
  const tools = [{ script: "true" }, { script: "true", image: missing }];
  const { launcher } = await testLauncher(t, { engine: engine.socket, image, tools });
  const facts = await launcher.facts();
  t.match(facts, { engine: /^\d/, kernel: /^\d/, cgroup: /^[12]$/, images: [image] });
  t.equal(facts.images.length, 1, "one that is not there is not named");
  t.match(facts.runtimes[0], { tier: "container", name: "runc", version: /^\d/ });
  t.equal(
    facts.runtimes.some(({ tier }) => tier === "gvisor"),
    engine.hasGvisor,
  );
});

test("a request lowers what the manifest gives, and raises none of it", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const tools = [{ script: "cat", memoryMb: 64, cpuMs: 2_000 }];
  const { launch } = await testLauncher(t, { engine: recorder.socket, image, tools });
  await launch({ limits: { memoryMb: 16, cpuMs: 1_000 } });
  await launch({ limits: { memoryMb: 1_000_000, cpuMs: 1_000_000 } });
  const asked = recorder.creations().map(({ body }) => body);
  const cpu = (soft: number): object => ({ Name: "cpu", Soft: soft, Hard: soft + 1 });
  t.match(asked[0], { HostConfig: { Memory: 16 * 2 ** 20, Ulimits: [cpu(1)] } });
  t.match(asked[1], { HostConfig: { Memory: 64 * 2 ** 20, Ulimits: [cpu(2)] } });
});

test("a runner's own memory comes on top of the tool's", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const tools = [{ script: "cat", memoryMb: 64, runnerMemoryMb: 96 }];
  const { launch } = await testLauncher(t, { engine: recorder.socket, image, tools });
  await launch({ limits: { memoryMb: 32, cpuMs: 1_000 } });
  t.match(recorder.creations()[0]?.body, { HostConfig: { Memory: 128 * 2 ** 20 } });
});

test("containers carry what they are found by", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const { launch, options } = await testLauncher(t, { engine: recorder.socket, image });
  const slot = newSlot();
  await launch({ slot });
  const [{ target, body } = { target: "", body: {} }] = recorder.creations();
  t.match(target, /^\/containers\/create\?name=ringward-[0-9a-f]{32}$/);
  t.strictSame((body as { readonly Labels: unknown }).Labels, {
    "ringward.instance": options.instance,
    "ringward.launcher": options.socket,
    "ringward.slot": slot,
    "ringward.tool": "test.tool-0",
    "ringward.tier": "container",
  });
});

test("files and folders of the workspace are seen, read only, and the way out is", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const script =
    "cd /workspace; find . -type f | sort; cat a/b; touch a/c 2>&1; ls -d /run/ringward; touch /run/ringward/x";
  const tools = [
    {
      script,
      reads: [
        { path: "a", access: "read" },
        { path: "d/e", access: "read" },
      ],
      isNetworked: true,
    },
  ] as const;
  const { launch, folder } = await testLauncher(t, { engine: engine.socket, image, tools });
  const slot = newSlot();
  mkdirSync(join(folder, "workspace", "a"));
  mkdirSync(join(folder, "workspace", "d"));
  mkdirSync(join(folder, "out", slot), { mode: 0o755 });
  for (const path of ["a/b", "d/e", "d/f"]) writeFileSync(join(folder, "workspace", path), path);
  const { stdout, stderr } = await heardOf(
    await launch({ slot, mounts: ["a", "d/e"], network: true }),
  );
  t.equal(stdout, "./a/b\n./d/e\na/btouch: a/c: Read-only file system\n/run/ringward\n");
  t.match(stderr, /Read-only file system/);
});

test("memory that a program takes beyond its own ends it, and that is told", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const tools = [{ script: "tail /dev/zero", memoryMb: 16 }];
  const { launch } = await testLauncher(t, { engine: engine.socket, image, tools });
  // An engine that hears of the end before it hears of the reason never tells the reason.
  const ends: Ended[] = [];
  while (ends.length < 3 && !ends.some(({ isOutOfMemory }) => isOutOfMemory)) {
    ends.push(await (await launch()).ended);
  }
  t.ok(ends.some(({ isOutOfMemory }) => isOutOfMemory));
  t.ok(ends.every(({ exitCode }) => exitCode === 137));
});

test("output without end is handed on up to its bound, and the container is ended", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const tools = [{ script: "yes" }, { script: "yes", lifecycle: "service" }] as const;
  const given = { engine: engine.socket, image, tools, outputBytes: 1_000_000 };
  const { launch, launcher } = await testLauncher(t, given);
  const call = await launch();
  const { stdout, exitCode } = await heardOf(call);
  t.ok(stdout.length <= 1_000_000);
  t.equal(exitCode, 137);
  const service = await launch({ pin: pinOf(1) });
  let bytes = 0;
  const enough = Promise.withResolvers<void>();
  service.onOutput((_, chunk) => {
    bytes += chunk.length;
    if (bytes > 2_000_000) enough.resolve();
  });
  await enough.promise;
  await launcher.close();
});

test("what a program does not read is kept for it, but not without bound", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const { launch } = await testLauncher(t, {
    engine: engine.socket,
    image,
    tools: [{ script: "sleep 60" }],
  });
  const launched = await launch();
  const megabyte = Buffer.alloc(2 ** 20);
  for (let sent = 0; sent < 24; sent += 1) launched.write(megabyte);
  t.match(await launched.ended, { exitCode: 137 });
});

test("a launcher takes the place of a dead one, and of nothing else", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const given = { engine: engine.socket, image };
  const first = await testLauncher(t, given);
  const { socket } = first.options;
  await t.rejects(testLauncher(t, { ...given, socket }), /another launcher serves/);
  const folder = mkdtempSync(join(tmpdir(), "ringward-lt-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const place = join(folder, "launcher.sock");
  writeFileSync(place, "");
  await t.rejects(testLauncher(t, { ...given, socket: place }), /is no socket/);
  rmSync(place);
  await leaveSocket(place);
  await (await testLauncher(t, { ...given, socket: place })).launcher.facts();
});

/** As a process leaves it that is killed. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", script], { env: {} }), "exit");
}

test("the socket and its folder are this user's alone", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const given = { engine: engine.socket, image: await busyboxImage(engine) };
  const { options } = await testLauncher(t, given);
  t.equal(statSync(options.socket).mode & 0o777, 0o600);
  t.equal(statSync(join(options.socket, "..")).mode & 0o777, 0o700);
  const open = mkdtempSync(join(tmpdir(), "ringward-lt-"));
  t.teardown(() => rmSync(open, { recursive: true }));
  chmodSync(open, 0o750);
  await t.rejects(testLauncher(t, { ...given, socket: join(open, "launcher.sock") }), /alone/);
});
