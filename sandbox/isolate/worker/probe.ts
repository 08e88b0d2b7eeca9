// Runs in the jail as a worker would, as text; imported by nobody. It is what a guest that has
// escaped from its isolate could run, does it with Node alone, and says how far it came. Whatever it
// breaks where a wall is missing it mends itself: it may never harm the machine that it measures.
import type { Aims } from "../proof/probe-aims.ts";
import { closeInherited } from "./close-inherited.ts";
import { tryDoors } from "./probe-doors.ts";

closeInherited(process.argv[2]);
const aims = JSON.parse(process.argv[3] ?? "") as Aims;

process.stdout.write(JSON.stringify(await tryDoors(aims)));
// Looked at from outside until the gateway ends the pipe; then it has to be killed.
process.stdin.resume().once("end", spin);

/** Takes no message, no signal that can be caught, and never gives its thread back. */
function spin(): never {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.stdout.write(JSON.stringify({ spinning: true }));
  for (;;);
}
