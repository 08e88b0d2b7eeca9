import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { applyLoad, type LoadResult } from "./load.ts";
import { median } from "./quantile.ts";

export interface HttpBench {
  /** Calls a second through every ring ÷ calls a second of the bare counterpart; the median round. */
  readonly httpRatio: number;
  readonly perSecond: number;
  readonly barePerSecond: number;
  readonly p99Ms: number;
  readonly bareP99Ms: number;
}

const connections = 32;
const requests = 600;
const rounds = 5;

/** The same client against both, one after the other in each round; each server in its own process. */
export async function benchHttp(): Promise<HttpBench> {
  const pairs: { readonly ours: LoadResult; readonly bare: LoadResult }[] = [];
  await withServer("bare/server.ts", async (bareStart) => {
    await withServer("gateway-server.ts", async (ourStart) => {
      // The first round warms both up and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        const pair = { bare: await loadBare(bareStart), ours: await loadOurs(ourStart) };
        if (round > 0) pairs.push(pair);
      }
    });
  });
  return {
    httpRatio: median(pairs.map(({ ours, bare }) => ours.perSecond / bare.perSecond)),
    perSecond: median(pairs.map(({ ours }) => ours.perSecond)),
    barePerSecond: median(pairs.map(({ bare }) => bare.perSecond)),
    p99Ms: median(pairs.map(({ ours }) => ours.p99Ms)),
    bareP99Ms: median(pairs.map(({ bare }) => bare.p99Ms)),
  };
}

interface Started {
  readonly url: string;
  readonly token?: string;
}

async function withServer(file: string, use: (start: Started) => Promise<void>): Promise<void> {
  const server = fork(join(import.meta.dirname, file));
  try {
    const [started] = (await once(server, "message")) as [Started];
    await use(started);
  } finally {
    const exit = once(server, "exit");
    server.disconnect();
    await exit;
  }
}

function loadBare({ url }: Started): Promise<LoadResult> {
  const body = JSON.stringify({ code: "JSON.stringify((() => { return 6 * 7; })())" });
  const headers = { "content-type": "application/json" };
  return applyLoad({ url, headers, body, connections, requests });
}

function loadOurs({ url, token }: Started): Promise<LoadResult> {
  const body = JSON.stringify({ tool: "js.run", arguments: { code: "return 6 * 7;" } });
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return applyLoad({ url, headers, body, connections, requests });
}
