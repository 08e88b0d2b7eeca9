import { setImmediate } from "node:timers/promises";
import { test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { relay } from "./relay.ts";
import { FakeConnection, streamOf } from "./testing.ts";

const never = new AbortController().signal;
const bounds = { outputBytes: 10, signal: never };

test("hands on both outputs of a program, up to what it may say", async (t) => {
  const connection = new FakeConnection();
  const whole = streamOf(["stdout", "12345"], ["stderr", "67890"]).end();
  t.equal(await relay(whole, connection.asConnection, bounds), true);
  t.strictSame(connection.said, ["stdout 12345", "stderr 67890"]);
  const longer = streamOf(["stdout", "1234567890"], ["stdout", "1"]);
  t.equal(await relay(longer, connection.asConnection, bounds), false);
  t.strictSame(connection.said.slice(2), ["stdout 1234567890"]);
});

test("an engine that says what no program says is not believed", async (t) => {
  for (const kind of ["stdin", "word"] as const) {
    const connection = new FakeConnection();
    const stream = streamOf([kind, '{"word":"gone"}']);
    await t.rejects(relay(stream, connection.asConnection, bounds), /no output/, kind);
    t.strictSame(connection.said, []);
  }
  const huge = streamOf();
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(containerLimits.engineFrameBytes + 1, 4);
  huge.write(head);
  await t.rejects(relay(huge, new FakeConnection().asConnection, bounds), /a frame of/);
});

test("nothing is handed on of a container that is ended", async (t) => {
  const connection = new FakeConnection();
  const stream = streamOf(["stdout", "1"]);
  const signal = AbortSignal.abort();
  t.equal(await relay(stream, connection.asConnection, { outputBytes: 10, signal }), true);
  t.strictSame(connection.said, []);
});

test("nothing is read that the gateway does not take", async (t) => {
  const connection = new FakeConnection();
  connection.isFlowing = false;
  const stream = streamOf(["stdout", "1"], ["stdout", "2"]).end();
  const relaying = relay(stream, connection.asConnection, bounds);
  for (let turns = 0; turns < 10; turns += 1) await setImmediate();
  t.strictSame(connection.said, ["stdout 1"]);
  connection.drain();
  t.equal(await relaying, true);
  t.strictSame(connection.said, ["stdout 1", "stdout 2"]);
});
