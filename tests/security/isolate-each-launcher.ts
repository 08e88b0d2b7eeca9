// A worker of each kind and an attack on each launcher, as whoever runs it; prints what came of them.

import { openTargets } from "../../sandbox/isolate/jail/descriptors.ts";
import { jailCommand, launchers, unwalledCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import { call, intrude, withoutFilter } from "./isolate-intruder.ts";

const [, , program = ""] = process.argv;
const source = workerSource("main");
const things = [
  call("openat", -100, '"/x', 0o102, 0o600),
  call("openat", -100, '"/proc', 0),
  call("unshare", 0x1000_0000),
  "fork",
];
const ends: Record<string, unknown> = {};
const bare = await startWorker(unwalledCommand(source), 32);
const held = openTargets(bare.pid).filter((path) => path.endsWith("/secret"));
await bare.kill();
if (held.length > 0) throw new Error(`a worker without walls holds ${held.join(" ")}`);
for (const launcher of launchers()) {
  for (const jit of [false, true]) {
    const jail = jailCommand(source, [], { launcher, jit });
    if (!jail) throw new Error(`no ${launcher}`);
    const worker = await startWorker(jail, 32);
    await worker.kill();
  }
  const how = { launcher, change: withoutFilter };
  ends[launcher] = program === "" ? [] : (await intrude(program, things, how)).returned;
}
process.stdout.write(JSON.stringify(ends));
