import type { JsonValue } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Broker } from "../../sandbox/broker/broker.ts";
import { closedDoor } from "../../sandbox/isolate/call/answers.ts";

/**
 * What an attacker has who owns the worker process itself: its pipes, and its memory. It starts as a
 * worker does and has heard its first call; what follows does as it likes.
 */
export const hostilePrelude: string = `
import { closeSync, readSync, writeSync } from "node:fs";
for (const fd of process.argv[2].match(/\\d+/g) ?? []) closeSync(Number(fd));
const bytes = (n) => { const b = Buffer.alloc(n); for (let i = 0; i < n; ) { const k = readSync(0, b, i, n - i, null); if (k === 0) process.exit(0); i += k; } return b; };
const read = () => JSON.parse(bytes(bytes(4).readUInt32BE(0)).toString());
const raw = (b) => { for (let i = 0; i < b.length; ) i += writeSync(1, b, i); };
const framed = (text) => { const b = Buffer.from(text); const h = Buffer.alloc(4); h.writeUInt32BE(b.length); return Buffer.concat([h, b]); };
const frame = (text) => raw(framed(text));
const saying = (said, channel = call.channel) => JSON.stringify({ channel, cpuMs: 1, peakKb: 1, said });
const say = (said, channel) => frame(saying(said, channel));
const wait = () => setInterval(() => {}, 1000);
let call = read();
say(["ready"]);
call = read();
`;

/** Notes what is asked of it; answers a fetch, and refuses all else. */
export function askedBroker(asked: string[]): Broker {
  const request = (name: string): Promise<JsonValue> => {
    asked.push(name);
    return name === "fetch" ? Promise.resolve(1) : Promise.reject(new Refusal("FILES_DENIED"));
  };
  return { open: () => ({ ...closedDoor, request }) };
}
