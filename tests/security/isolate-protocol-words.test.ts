import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { frameOf, type Script, talk } from "./isolate-protocol-talk.ts";

const done = ["output", "1", ""] as const;
const ask = (...ids: readonly number[]): readonly ["requests", never[], ""] =>
  ["requests", ids.map((id) => [id, "fetch", "{}"]) as never[], ""] as const;

const breaches: readonly (readonly [string, Script])[] = [
  ["requests that are none", [["requests", [1], ""]]],
  ["requests that are no list", [["requests", "x", ""]]],
  ["a request with a word too many", [["requests", [[0, "fetch", "{}", 1]], ""]]],
  ["a request without arguments", [["requests", [[0, "fetch"]], ""]]],
  ["arguments that are no text", [["requests", [[0, "fetch", {}]], ""]]],
  ["a name that is no text", [["requests", [[0, null, "{}"]], ""]]],
  ["a name that is too long", [["requests", [[0, "f".repeat(21), "{}"]], ""]]],
  ["a first request with the number one", [ask(1)]],
  ["a request before the first", [ask(-1)]],
  ["a request and a half", [ask(0.5)]],
  ["a number that is a text", [["requests", [["0", "fetch", "{}"]], ""]]],
  ["a request twice", [ask(0, 0)]],
  ["requests out of order", [ask(1, 0)]],
  ["requests with a gap", [ask(0, 2)]],
  ["a request that was answered already", [ask(0), ask(0)]],
  ["a gap later", [ask(0, 1), ask(3)]],
  ["a wait for nothing", [["requests", [], ""]]],
  ["a wait for what was answered already", [ask(0), ["requests", [], ""]]],
  ["a request too many", [ask(...Array(limits.hostCallsPerCall + 1).keys())]],
  ["an output with a word too many", [["output", "1", "", ""]]],
  ["an output without a log", [["output", "1"]]],
  ["an output that is no text", [["output", 1, ""]]],
  ["an error without a code", [["error", "x", ""]]],
  ["an error whose text is too long", [["error", "x".repeat(601), "", ""]]],
  ["a log that is no text", [["output", "1", null]]],
  ["a log that is too long", [["output", "1", "x".repeat(limits.logBytesPerCall + 1)]]],
  ["a limit without a log", [["output-limit"]]],
  ["being ready once more", [["ready"]]],
  ["no words", [[]]],
  ["a word that is a list", [[["output"], "1", ""]]],
  ["a word of the prototype", [["constructor", "1", ""]]],
  ["words that are no list", [(channel) => ({ ...frameOf(channel, []), said: "done" })]],
  ["another channel", [(channel) => frameOf(`${channel}x`, [...done])]],
  ["a channel that is a list", [(channel) => ({ ...frameOf("", [...done]), channel: [channel] })]],
  ["a key too many", [(channel) => ({ ...frameOf(channel, [...done]), x: 1 })]],
  ["a key too few", [(channel) => ({ channel, cpuMs: 1, said: [...done] })]],
  ["time that ran back", [(channel) => ({ ...frameOf(channel, [...done]), cpuMs: -1 })]],
  ["memory that is a text", [(channel) => ({ ...frameOf(channel, [...done]), peakKb: "1" })]],
];

test("words that no worker of ours says end the call, and their request is not served", async (t) => {
  for (const [name, script] of breaches) {
    // Where it were taken, the call would go on and end well.
    const { end, asked } = await talk([...script, done]);
    t.equal(end, "breach", name);
    t.ok(asked.length <= 2, "nothing is asked for a frame that is wrong");
  }
});

test("a frame that is wrong in its last request has none of its requests served", async (t) => {
  const { end, asked } = await talk([ask(0, 1, 2, 2), done]);
  t.equal(end, "breach");
  t.strictSame(asked, []);
});

test("a call has no more frames than it has requests, and two", async (t) => {
  const script = [...Array(limits.hostCallsPerCall).keys()].map((id) => ask(id));
  const { end, asked, sent } = await talk([...script, done]);
  t.match(end, { kind: "output", output: "1" });
  t.equal(asked.length, limits.hostCallsPerCall);
  t.equal(sent.length, limits.hostCallsPerCall);
  const more = await talk([...script, ask(limits.hostCallsPerCall), done]);
  t.equal(more.end, "breach");
});

test("who asks more than it may at once waits, and is served", async (t) => {
  const count = limits.hostCallsPerCall;
  const startedAt = performance.now();
  const { end, sent } = await talk([ask(...Array(count).keys()), done]);
  t.match(end, { kind: "output" });
  const leastMs = ((count - limits.hostCallsAtOnce) * 1_000) / limits.hostCallsPerSecond;
  t.ok(performance.now() - startedAt >= leastMs - 1);
  t.ok((sent[0]?.now ?? 0) >= 1_000 + Math.floor(leastMs) - 1, "and its clock says so");
});

test("a log is cut where it is full, and not in the middle of a character", async (t) => {
  const half = "x".repeat(limits.logBytesPerCall - 1);
  const { conversation } = await talk([
    ["requests", [[0, "fetch", "{}"]], half],
    ["output", "1", "😀"],
  ]);
  t.equal(conversation.log.length, limits.logBytesPerCall);
  t.ok(conversation.log.isWellFormed());
  t.match(conversation.recording.log, /^[0-9a-f]{64}$/);
});

test("a recording is kept up to its size; beyond that it says that it is not whole", async (t) => {
  const script = [ask(0), ask(1), done];
  const whole = await talk(script, "x".repeat(limits.recordingBytes / 2 - 100));
  t.match(whole.conversation.recording, { isWhole: true, given: { length: 2 } });
  const { conversation, end } = await talk(script, "x".repeat(limits.recordingBytes / 2));
  t.match(conversation.recording, { isWhole: false, given: [] });
  t.equal(conversation.recording.given.length, 0);
  t.match(end, { kind: "output" }, "the call itself goes on");
});
