// Runs inside a worker process, as text that the gateway hands to `node --eval`; imported by nobody.
// It trusts the gateway's frames, and keeps the guest away from `isolated-vm`: the only thing that
// ever leaves an isolate is a string that `guest` made.
//
// Everything here is synchronous: a thread for the guest would cost a sixth of a call, and this
// process has nothing else to do. Whatever hangs it, the gateway looks at it from outside and kills.
import type { ExternalCopy, Isolate, Reference } from "isolated-vm";
import type { AnswersFrame, CallFrame, StartFrame } from "../protocol/protocol.ts";
import { closeInherited } from "./close-inherited.ts";
import { readFrame, writeFrame } from "./frames.ts";
import { guest } from "./guest.ts";
import { world } from "./world.ts";

/** One fresh isolate with the bootstrap in it, waiting for its one call. */
interface Room {
  readonly isolate: Isolate;
  readonly enter: Reference<(...words: string[]) => never>;
  readonly memoryMb: number;
}

closeInherited(process.argv[2]);
// Where no jail hides it, the guests would have the machine's time zone.
// biome-ignore lint/style/noProcessEnv: there is nothing else in it.
process.env["TZ"] = "UTC";
const loaded: { exports: { ivm?: typeof import("isolated-vm") } } = { exports: {} };
process.dlopen(loaded, process.argv[1] ?? "");
const ivm = loaded.exports.ivm;
if (!ivm) throw new Error("the addon has no `ivm`");
const { Isolate: IsolateClass } = ivm;
// A module is strict by itself, its text is not.
const bootstrap = `"use strict";(${guest})((${world})())`;
const cachedData = compileBootstrap();
const bundles = new Map<number, string>();

serve();

/** Of our own text, made in this process: V8 believes what stands in such a cache. */
function compileBootstrap(): ExternalCopy<ArrayBuffer> {
  const isolate = new IsolateClass({ memoryLimit: 32 });
  const script = isolate.compileScriptSync(bootstrap, { produceCachedData: true });
  const { cachedData: data } = script as { cachedData?: ExternalCopy<ArrayBuffer> };
  if (!data) throw new Error("the bootstrap cannot be compiled");
  isolate.dispose();
  return data;
}

function serve(): void {
  const start = readFrame<StartFrame>();
  if (!start) return;
  let room = furnish(start.memoryMb);
  say(start.channel, '["ready"]');
  for (let call = readFrame<CallFrame>(); call; call = readFrame<CallFrame>()) {
    if (room.memoryMb !== call.memoryMb) {
      room.isolate.dispose();
      room = furnish(call.memoryMb);
    }
    converse(call, room);
    room.isolate.dispose();
    // Ahead of need; who waits for the answer has it already.
    room = furnish(call.memoryMb);
  }
}

function furnish(memoryMb: number): Room {
  const isolate = new IsolateClass({ memoryLimit: memoryMb });
  const context = isolate.createContextSync();
  const script = isolate.compileScriptSync(bootstrap, { cachedData });
  const enter = script.runSync(context, { reference: true }) as Room["enter"];
  return { isolate, enter, memoryMb };
}

function converse(call: CallFrame, room: Room): void {
  const endsAt = performance.now() + call.wallMs;
  if (call.source !== undefined) bundles.set(call.code, call.source);
  let words = ["run", bundles.get(call.code) ?? "", call.input, call.start];
  for (;;) {
    const said = turn(room, words, endsAt);
    say(call.channel, said);
    if (!said.startsWith('["requests"')) return;
    const next = readFrame<AnswersFrame>();
    if (!next || next.channel !== call.channel) process.exit(0);
    words = ["answers", next.answers, String(next.now)];
  }
}

/**
 * Runs the guest until it waits or ends. Promise jobs run when an entry ends, after its words were
 * made; so where those are empty, a second entry asks what became of it.
 */
function turn(room: Room, words: string[], endsAt: number): string {
  return hear(room, words, endsAt) || hear(room, ["look"], endsAt) || '["crash"]';
}

/** `guest` throws its words; what else is thrown, the library threw when it ended the guest. */
function hear({ enter, isolate }: Room, words: string[], endsAt: number): string {
  try {
    const timeout = Math.max(1, Math.ceil(endsAt - performance.now()));
    enter.applySync(undefined, words, { timeout });
    return '["crash"]';
  } catch (thrown) {
    if (typeof thrown === "string") return thrown;
    if (isolate.isDisposed) return '["memory"]';
    return performance.now() >= endsAt ? '["wall"]' : '["crash"]';
  }
}

function say(channel: string, said: string): void {
  const { user, system } = process.cpuUsage();
  const { maxRSS } = process.resourceUsage();
  const head = `{"channel":"${channel}","cpuMs":${(user + system) / 1000},"peakKb":${maxRSS}`;
  writeFrame(`${head},"said":${said}}`);
}
