import { argv, stdout } from "node:process";
import { connectLauncher } from "../../sandbox/container/link/connect-launcher.ts";
import type { LaunchRequest } from "../../sandbox/container/link/launcher.ts";

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
const launcher = connectLauncher(socket);
const { signal } = new AbortController();
const all = await Promise.all(requests.map((request) => launcher.launch(request, signal)));
stdout.write("launched\n");
const ends = await Promise.all(all.map(({ ended }) => ended));
stdout.write(`${JSON.stringify(ends)}\n`);
