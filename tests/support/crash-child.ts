import { once } from "node:events";
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { argv, stdin } from "node:process";
import { createIds } from "../../gateway/ids.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { Store } from "../../gateway/store/store.ts";
import {
  sampleIntent,
  sampleKey,
  sampleNow,
  sampleSession,
  sampleSettlement,
} from "../../gateway/store/testing.ts";

/**
 * Waits for a byte on standard input, so that a process can be made ahead; then opens the store of
 * the folder it is given, and admits and settles as fast as it can until
 * it is killed. A line on standard output is written only after the promise of what it names has resolved: `ready`, `admitted ID`, `settled ID`.
 */
const agents = 16;

async function main(folder: string): Promise<void> {
  await shareCompiled();
  say("up");
  await once(stdin, "data");
  const options = { folder, writer: "gateway", now: () => sampleNow, reserveBytes: 0 } as const;
  const store = await openStore(options);
  say("ready");
  await Promise.all(Array.from({ length: agents }, () => work(store)));
}

/** For the next child: it is killed too, so none of them would leave its compiled code at its end. */
async function shareCompiled(): Promise<void> {
  await import("../../gateway/store/engine.ts");
  flushCompileCache();
}

async function work(store: Store): Promise<void> {
  const newId = createIds(Date.now);
  const session = newId("session");
  await store.sessions.open(sampleSession(session), sampleKey(newId("key"), { session }), "child");
  for (;;) {
    const call = newId("call");
    await store.calls.admit(sampleIntent(call, session));
    say(`admitted ${call}`);
    await store.calls.settle(sampleSettlement(call, session));
    say(`settled ${call}`);
  }
}

/** Straight into the pipe: what was said is not lost with the process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

await main(String(argv[2]));
