// Runs inside a worker process, as text that the gateway hands to `node --eval`; imported by nobody.
// It trusts the gateway's frames, and keeps the guest away from `isolated-vm`: the only thing that
// ever leaves an isolate is a string that `guest` made.
import type { Isolate, Reference } from "isolated-vm";
import { closeInherited } from "./close-inherited.ts";
import { readFrame, writeFrame } from "./frames.ts";
import { guest } from "./guest.ts";

interface Start {
  readonly channel: string;
  readonly memoryMb: number;
}

interface Call extends Start {
  /** Number of a bundle, and its text when this worker has not had it yet. */
  readonly code: number;
  readonly source?: string;
  readonly input: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly outputChars: number;
  readonly logChars: number;
  readonly hostCalls: number;
  readonly requestChars: number;
}

interface Answers {
  readonly channel: string;
  readonly answers: string;
}

/** One fresh isolate with the bootstrap in it, waiting for its one call. */
interface Room {
  readonly isolate: Isolate;
  readonly enter: Enter;
  readonly memoryMb: number;
}

type Enter = Reference<(...words: string[]) => string>;

closeInherited(process.argv[2]);
const loaded: { exports: { ivm?: typeof import("isolated-vm") } } = { exports: {} };
process.dlopen(loaded, process.argv[1] ?? "");
const ivm = loaded.exports.ivm;
if (!ivm) throw new Error("the addon has no `ivm`");
const { Isolate: IsolateClass } = ivm;
// A module is strict by itself, its text is not.
const bootstrap = `"use strict";(${guest})()`;
const bundles = new Map<number, string>();

await serve();

async function serve(): Promise<void> {
  const start = readFrame<Start>();
  if (!start) return;
  const restKb = process.resourceUsage().maxRSS;
  let room = furnish(start.memoryMb);
  writeFrame(`{"channel":${JSON.stringify(start.channel)},"said":["ready"]}`);
  for (let call = readFrame<Call>(); call; call = readFrame<Call>()) {
    if (room.memoryMb !== call.memoryMb) {
      room.isolate.dispose();
      room = furnish(call.memoryMb);
    }
    await runCall(call, room, restKb);
    room.isolate.dispose();
    room = furnish(call.memoryMb);
  }
}

/** Only our own code runs here, so the synchronous calls are safe, and cheaper by three thread hops. */
function furnish(memoryMb: number): Room {
  const isolate = new IsolateClass({ memoryLimit: memoryMb });
  const context = isolate.createContextSync();
  const enter = context.evalSync(bootstrap, { reference: true }) as Enter;
  return { isolate, enter, memoryMb };
}

async function runCall(call: Call, room: Room, restKb: number): Promise<void> {
  const startedAt = performance.now();
  const startCpu = process.cpuUsage();
  const leftMs = (): number =>
    Math.max(1, Math.ceil(call.wallMs - (performance.now() - startedAt)));
  const cpuMs = (): number => {
    const used = process.cpuUsage(startCpu);
    return (used.user + used.system) / 1000;
  };
  const tell = (said: string): void => {
    const peakKb = process.resourceUsage().maxRSS;
    const head = `{"channel":${JSON.stringify(call.channel)},"cpuMs":${cpuMs()},"peakKb":${peakKb}`;
    writeFrame(`${head},"said":${said}}`);
  };
  const peakKb = process.resourceUsage().maxRSS;
  const allowedKb = Math.max(peakKb, restKb + call.memoryMb * 2048 + 65_536);
  // The guest runs on a thread of its own; this one watches what V8 does not count.
  const watch = setInterval(() => {
    if (cpuMs() > call.cpuMs) tell('["cpu"]');
    else if (process.resourceUsage().maxRSS > allowedKb) tell('["memory"]');
  }, 10);
  try {
    await converse(call, room, { leftMs, tell });
  } finally {
    clearInterval(watch);
  }
}

interface Turn {
  leftMs(): number;
  tell(said: string): void;
}

async function converse(call: Call, room: Room, { leftMs, tell }: Turn): Promise<void> {
  if (call.source !== undefined) bundles.set(call.code, call.source);
  let words = ["run", bundles.get(call.code) ?? "", call.input];
  const caps = `${call.outputChars},${call.logChars},${call.hostCalls},${call.requestChars}`;
  words.push(caps);
  for (;;) {
    const said = await turn(room.enter, words, leftMs());
    tell(said);
    if (!said.startsWith('["requests"')) return;
    const next = readFrame<Answers>();
    if (!next || next.channel !== call.channel) process.exit(0);
    words = ["answers", next.answers];
  }
}

/**
 * Runs the guest until it waits or ends. Promise jobs run when an entry returns, after its return
 * value was made; so a second entry, queued at once, asks what became of it.
 */
async function turn(enter: Enter, words: readonly string[], timeout: number): Promise<string> {
  try {
    const first = enter.apply(undefined, [...words], { timeout });
    const second = enter.apply(undefined, ["look"], { timeout });
    const [early, late] = await Promise.all([first, second]);
    return early || late || '["crash"]';
  } catch (error) {
    return failed(String(error));
  }
}

/** What `isolated-vm` throws when it ended the guest. A guest can forge these; all are failures. */
function failed(text: string): string {
  if (text.includes("timed out")) return '["wall"]';
  if (text.includes("memory limit") || text.includes("allocation failed")) return '["memory"]';
  return '["rejection"]';
}
