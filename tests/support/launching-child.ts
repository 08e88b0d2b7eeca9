import { argv, stdout } from "node:process";
import { connectLauncher } from "../../sandbox/container/link/connect-launcher.ts";
import type { Launched, LaunchRequest } from "../../sandbox/container/link/launcher.ts";

/** What this child is told. */
export interface LaunchingTold {
  readonly socket: string;
  readonly requests: readonly LaunchRequest[];
}

/**
 * As much of a gateway as launches containers, in a process of its own, which a test may kill. Says
 * when all of them run, and how each ended.
 */
const { socket, requests } = JSON.parse(argv[2] ?? "") as LaunchingTold;
const launcher = connectLauncher(socket, thrown);
const { signal } = new AbortController();
const all: Launched[] = [];
// A few at a time: each start has its limit of time, also on a busy machine.
for (let at = 0; at < requests.length; at += 5) {
  const few = requests.slice(at, at + 5).map((request) => launcher.launch(request, signal));
  all.push(...(await Promise.all(few)));
}
stdout.write("launched\n");
const ends = await Promise.all(all.map(({ ended }) => ended));
stdout.write(`${JSON.stringify(ends)}\n`);

function thrown(bug: unknown): never {
  throw bug;
}
