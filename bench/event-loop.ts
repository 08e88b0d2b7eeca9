import { setTimeout as sleep } from "node:timers/promises";
import type { Seen, Started } from "./gateway-server.ts";
import { loadOurs } from "./http.ts";
import type { LoadResult } from "./load.ts";
import type { LoopDelay } from "./loop-delay.ts";
import { type ServerProcess, withServer } from "./server-process.ts";

/** By what the callers of a gateway do. */
export interface EventLoopBench {
  /** `idle` is what this machine does to a process that does nothing. */
  readonly eventLoopDelay: Readonly<Record<string, LoopDelay>>;
}

/** How long the gateway's event loop kept others waiting meanwhile. */
export interface UnderLoad extends LoopDelay {
  /** Calls answered a second, and how many with which status. */
  readonly perSecond: number;
  readonly statuses: Readonly<Record<string, number>>;
}

const flood = (how: string): object => ({ tool: "bench.flood", arguments: { with: how } });

/** Looks like a secret to a guard that has only begun to read. */
const word = "sesame=0123456789abcdef ";

const proposals: Readonly<Record<string, object>> = {
  benign: { tool: "bench.multiply", arguments: { a: 6, b: 7 } },
  loop: { tool: "js.run", arguments: { code: "for (;;);" } },
  requests: flood("requests"),
  log: flood("log"),
  /** A quarter of a megabyte, what an agent's code may return by default; the most there can be. */
  output: { tool: "js.run", arguments: { code: `return "${word}".repeat(10_000);` } },
  largeOutput: flood("output"),
  oversize: flood("oversize"),
};

const seconds = 3;
const connections = 4;

export function benchEventLoop(): Promise<EventLoopBench> {
  return withServer("gateway-server.ts", measure);
}

async function measure({ started, ask }: ServerProcess<Started>): Promise<EventLoopBench> {
  // Has the tools compiled and the workers started.
  await load(started, proposals["benign"] ?? {});
  await ask("seen");
  await sleep(seconds * 1_000);
  const idle = (await ask<Seen>("seen")).delay;
  const found: [string, UnderLoad][] = [];
  for (const [name, proposal] of Object.entries(proposals)) {
    await ask("seen");
    const { perSecond, statuses } = await load(started, proposal);
    found.push([name, { ...(await ask<Seen>("seen")).delay, perSecond, statuses }]);
  }
  return { eventLoopDelay: { idle, ...Object.fromEntries(found) } };
}

function load(started: Started, proposal: object): Promise<LoadResult> {
  const bounds = { connections, requests: 100_000, seconds, isHostile: true };
  return loadOurs(started, { proposal, ...bounds });
}
