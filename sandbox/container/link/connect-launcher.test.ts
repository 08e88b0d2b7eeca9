import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { connectLauncher } from "./connect-launcher.ts";
import { Connection } from "./connection.ts";
import { type Frame, framesOf } from "./frame.ts";
import type { Launched, Launcher } from "./launcher.ts";
import { launchRequest as request } from "./testing.ts";

const launchedWord = {
  word: "launched",
  container: "c".repeat(64),
  image: `sha256:${"d".repeat(64)}`,
};
const never = new AbortController().signal;

function isNone(bug: unknown): never {
  throw bug;
}

interface Peer {
  readonly launcher: Launcher;
  readonly connection: Connection;
  readonly socket: Socket;
  /** Everything that the gateway says, from the first word on. */
  readonly heard: readonly Frame[];
  /** Resolves when the gateway has said so much. */
  said(count: number): Promise<void>;
}

/** The other side, which says what a test wants it to. */
async function peerOf<T>(
  t: Test,
  begin: (launcher: Launcher) => Promise<T>,
  onBug: (error: unknown) => void = isNone,
): Promise<Peer & { readonly begun: Promise<T> }> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-link-"));
  const socketPath = join(folder, "l.sock");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const came = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const launcher = connectLauncher(socketPath, onBug);
  const begun = begin(launcher);
  begun.catch(() => undefined);
  const socket = await came;
  const heard: Frame[] = [];
  const waiting: (() => void)[] = [];
  const hear = (frame: Frame): void => {
    heard.push(frame);
    for (const look of waiting) look();
  };
  const connection = new Connection(socket, hear, isNone);
  t.teardown(() => {
    socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const said = (count: number): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(() => heard.length >= count && resolve());
      waiting.at(-1)?.();
    });
  return { launcher, connection, socket, heard, said, begun };
}

async function launchedOf(t: Test): Promise<Peer & { readonly launched: Launched }> {
  const peer = await peerOf(t, (launcher) => launcher.launch(request, never));
  await peer.said(1);
  peer.connection.say(launchedWord);
  return { ...peer, launched: await peer.begun };
}

test("asks in one word, and hands on what is said and how it ends", async (t) => {
  const { connection, launched, heard, said } = await launchedOf(t);
  t.strictSame(JSON.parse(String(heard[0]?.bytes)), { word: "launch", ...request });
  t.match(launched, { container: launchedWord.container, image: launchedWord.image });
  launched.write(Buffer.from("in"));
  launched.endInput();
  await said(3);
  t.strictSame(
    heard.slice(1).map(({ kind, bytes }) => `${kind} ${bytes}`),
    ["stdin in", 'word {"word":"end-input"}'],
  );
  connection.send("stdout", Buffer.from("out"));
  connection.send("stderr", Buffer.from("err"));
  connection.say({ word: "ended", exitCode: 0, isOutOfMemory: false });
  const output: string[] = [];
  launched.onOutput((stream, bytes) => output.push(`${stream} ${bytes}`));
  t.strictSame(await launched.ended, { exitCode: 0, isOutOfMemory: false });
  t.strictSame(output, ["stdout out", "stderr err"], "also what came before anybody listened");
});

test("what a container says unasked is not held without bound", async (t) => {
  const { socket, launched } = await launchedOf(t);
  const frames = [...framesOf("stdout", Buffer.alloc(32 * 2 ** 20))];
  let taken = 0;
  const flood = async (): Promise<void> => {
    // One by one: of many that are written together nobody sees how far they have come.
    for (const frame of frames) {
      await new Promise((resolve) => socket.write(frame, resolve));
      taken += 1;
    }
  };
  const flooding = flood();
  for (let before = -1; before !== taken; await sleep(100)) before = taken;
  t.ok(taken < frames.length, "the rest waits at the other end");
  let bytes = 0;
  launched.onOutput((_, chunk) => {
    bytes += chunk.length;
  });
  await flooding;
  while (bytes < 32 * 2 ** 20) await sleep(1);
});

test("to kill is to ask, and to wait until it is gone", async (t) => {
  const { connection, launched, heard, said } = await launchedOf(t);
  const killed = launched.kill();
  await said(2);
  t.equal(String(heard[1]?.bytes), '{"word":"kill"}');
  connection.say({ word: "ended", exitCode: 137, isOutOfMemory: false });
  connection.say({ word: "gone" });
  await killed;
  await connection.closed;
  t.match(await launched.ended, { exitCode: 137 });
});

test("a container that floods can be killed all the same", async (t) => {
  const { connection, launched, said } = await launchedOf(t);
  connection.send("stdout", Buffer.alloc(2 ** 20));
  const killed = launched.kill();
  await said(2);
  connection.say({ word: "ended", exitCode: 137, isOutOfMemory: false });
  connection.say({ word: "gone" });
  await killed;
  t.match(await launched.ended, { exitCode: 137 });
});

test("a launcher that is lost ends what it has begun", async (t) => {
  const { socket, launched } = await launchedOf(t);
  t.intercept(containerLimits, "linkAnswerMs", { value: (2 ** 30) as never });
  socket.destroy();
  t.strictSame(await launched.ended, { isOutOfMemory: false, lost: "launcher" });
  await launched.kill();
});

test("a launcher that is not there, or goes without an answer, is unavailable", async (t) => {
  const missing = connectLauncher(join(tmpdir(), "ringward-nobody.sock"), isNone);
  await t.rejects(missing.launch(request, never), { code: "ENGINE_UNAVAILABLE" });
  await t.rejects(missing.facts(), { code: "ENGINE_UNAVAILABLE" });
  const { socket, begun } = await peerOf(t, (launcher) => launcher.facts());
  socket.destroy();
  await t.rejects(begun, { code: "ENGINE_UNAVAILABLE" });
});

test("a launcher's refusal is the call's", async (t) => {
  const { connection, begun } = await peerOf(t, (one) => one.launch(request, never));
  connection.say({ word: "refused", code: "IMAGE_MISMATCH", detail: "another one" });
  await t.rejects(begun, { name: "Refusal", code: "IMAGE_MISMATCH", message: "another one" });
});

test("a launch that is cancelled closes its connection, be it before it began", async (t) => {
  const cancel = new AbortController();
  const { begun, connection } = await peerOf(t, (one) => one.launch(request, cancel.signal));
  cancel.abort();
  await t.rejects(begun, { code: "CANCELLED" });
  await connection.closed;
  const late = await peerOf(t, (one) => one.launch(request, cancel.signal));
  await t.rejects(late.begun, { code: "CANCELLED" });
  await late.connection.closed;
});

const lies: readonly (readonly [string, (peer: Peer) => void])[] = [
  ["bytes that are no frame", ({ socket }) => void socket.write(Buffer.alloc(8, 255))],
  ["half a word", ({ connection }) => connection.send("word", Buffer.from('{"word":'))],
  ["a word of the gateway's", ({ connection }) => connection.say({ word: "kill" })],
  ["input", ({ connection }) => connection.send("stdin", Buffer.from("x"))],
  ["a word with a key too many", ({ connection }) => connection.say({ word: "gone", a: 1 })],
  ["that it is gone, and has not ended", ({ connection }) => connection.say({ word: "gone" })],
  ["a second start", ({ connection }) => connection.say(launchedWord)],
];

for (const [what, lie] of lies) {
  test(`a launcher that says ${what} is not believed any more`, async (t) => {
    const peer = await launchedOf(t);
    lie(peer);
    t.match(await peer.launched.ended, { lost: "launcher" });
    await peer.connection.closed;
  });
}

test("outputs before a container was started belong to nobody", async (t) => {
  const { connection, begun } = await peerOf(t, (one) => one.launch(request, never));
  connection.send("stdout", Buffer.from("x"));
  await t.rejects(begun, { code: "ENGINE_UNAVAILABLE", message: /cannot be reached/ });
});

test("facts where a container was asked for, and the other way round, are no answer", async (t) => {
  const facts = { word: "facts", engine: "1", kernel: "6", cgroup: "2", runtimes: [], images: [] };
  const first = await peerOf(t, (one) => one.launch(request, never));
  first.connection.say(facts);
  await t.rejects(first.begun, { code: "ENGINE_UNAVAILABLE" });
  await first.connection.closed;
  const second = await peerOf(t, (one) => one.facts());
  second.connection.say(launchedWord);
  await t.rejects(second.begun, { code: "ENGINE_UNAVAILABLE" });
  const third = await peerOf(t, (one) => one.facts());
  third.connection.say(facts);
  const { word: _, ...known } = facts;
  t.same(await third.begun, known);
  await third.connection.closed;
});

test("to close is to kill all, and nothing starts any more", async (t) => {
  const { launcher, connection, launched, said } = await launchedOf(t);
  const closed = launcher.close();
  await said(2);
  connection.say({ word: "ended", exitCode: 137, isOutOfMemory: false });
  connection.say({ word: "gone" });
  await closed;
  await launched.ended;
  const stopping = { code: "ENGINE_UNAVAILABLE", message: /is stopping/ };
  await t.rejects(launcher.launch(request, never), stopping);
});

test("a container that has spoken and ended before anybody listened is heard all the same", async (t) => {
  const { connection, launched } = await launchedOf(t);
  connection.send("stderr", Buffer.from("no such program"));
  connection.say({ word: "ended", exitCode: 127, isOutOfMemory: false });
  t.match(await launched.ended, { exitCode: 127 });
  const output: string[] = [];
  launched.onOutput((stream, bytes) => output.push(`${stream} ${bytes}`));
  t.strictSame(output, ["stderr no such program"]);
});

test("what a listener throws is a bug of ours: it is told, and the container is ended", async (t) => {
  const bugs: unknown[] = [];
  const peer = await peerOf(
    t,
    (launcher) => launcher.launch(request, never),
    (bug) => bugs.push(bug),
  );
  await peer.said(1);
  peer.connection.say(launchedWord);
  const launched = await peer.begun;
  const bug = new TypeError("of ours");
  launched.onOutput(() => {
    throw bug;
  });
  peer.connection.send("stdout", Buffer.from("one"));
  peer.connection.send("stdout", Buffer.from("two"));
  t.match(await launched.ended, { lost: "launcher" });
  await peer.connection.closed;
  t.strictSame(bugs, [bug], "once, and nothing is heard after it");
});
