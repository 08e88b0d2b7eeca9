import type { Seen, Started } from "./gateway-server.ts";
import { applyLoad, type LoadResult } from "./load.ts";
import { median } from "./quantile.ts";
import { type ServerProcess, withServer } from "./server-process.ts";

export interface HttpBench {
  /** Calls a second through every ring ÷ calls a second of the bare counterpart; the median round. */
  readonly httpRatio: number;
  /** The same with code that the agent wrote, which uses up a worker with each call. */
  readonly httpRatioAgentCode: number;
  readonly perSecond: number;
  readonly agentCodePerSecond: number;
  readonly barePerSecond: number;
  readonly p99Ms: number;
  readonly bareP99Ms: number;
  /** Workers that were started ÷ calls, in the rounds that count. */
  readonly httpRefillsPerCall: number;
}

const connections = 32;
const requests = 600;
const rounds = 5;
/** Each of them waits for a worker of its own; few, so that none waits too long for one. */
const agentCode = { connections: 4, requests: 8 };

/** The same client against both, one after the other in each round; each server in its own process. */
export function benchHttp(): Promise<HttpBench> {
  return withServer<{ readonly url: string }, HttpBench>("bare/server.ts", (bare) =>
    withServer<Started, HttpBench>("gateway-server.ts", (ours) => measure(bare.started.url, ours)),
  );
}

interface Round {
  readonly bare: LoadResult;
  readonly ours: LoadResult;
  readonly agent: LoadResult;
  readonly starts: number;
}

async function measure(bareUrl: string, gateway: ServerProcess<Started>): Promise<HttpBench> {
  const seen: Round[] = [];
  // The first round warms both up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const figures = await oneRound(bareUrl, gateway);
    if (round > 0) seen.push(figures);
  }
  const of = (figure: (round: Round) => number): number => median(seen.map(figure));
  return {
    httpRatio: of(({ ours, bare }) => ours.perSecond / bare.perSecond),
    httpRatioAgentCode: of(({ agent, bare }) => agent.perSecond / bare.perSecond),
    perSecond: of(({ ours }) => ours.perSecond),
    agentCodePerSecond: of(({ agent }) => agent.perSecond),
    barePerSecond: of(({ bare }) => bare.perSecond),
    p99Ms: of(({ ours }) => ours.p99Ms),
    bareP99Ms: of(({ bare }) => bare.p99Ms),
    httpRefillsPerCall: of(({ starts }) => starts / requests),
  };
}

async function oneRound(bareUrl: string, gateway: ServerProcess<Started>): Promise<Round> {
  const bare = await loadBare(bareUrl);
  await gateway.ask("seen");
  const ours = await loadOurs(gateway.started, {
    proposal: { tool: "bench.multiply", arguments: { a: 6, b: 7 } },
    ...{ connections, requests },
  });
  const { workerStarts: starts } = await gateway.ask<Seen>("seen");
  const agent = await loadOurs(gateway.started, {
    proposal: { tool: "js.run", arguments: { code: "return 6 * 7;" } },
    ...agentCode,
  });
  return { bare, ours, agent, starts };
}

function loadBare(url: string): Promise<LoadResult> {
  const body = JSON.stringify({ code: "JSON.stringify((() => { return 6 * 7; })())" });
  const headers = { "content-type": "application/json" };
  return applyLoad({ url, headers, body, connections, requests });
}

interface OurLoad {
  readonly proposal: object;
  readonly connections: number;
  readonly requests: number;
  readonly seconds?: number;
  readonly isHostile?: boolean;
}

/** Sends proposals to a gateway. */
export function loadOurs({ url, token }: Started, load: OurLoad): Promise<LoadResult> {
  const { proposal, ...rest } = load;
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return applyLoad({ url, headers, body: JSON.stringify(proposal), ...rest });
}
