import { Agent, request } from "node:http";
import { quantile } from "./quantile.ts";

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  /** At most this many; fewer where `seconds` are over before. */
  readonly requests: number;
  readonly seconds?: number;
  /** Refusals are answers too, and are counted; where it is left out they end the load. */
  readonly isHostile?: boolean;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Sends the same request again and again over a fixed number of connections. */
export async function applyLoad(load: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const times: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + (load.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  const statuses: Record<string, number> = {};
  let left = load.requests;
  const connection = async (): Promise<void> => {
    while (left > 0 && performance.now() < endsAt) {
      left -= 1;
      const { ms, status } = await send(load, agent);
      times.push(ms);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  const seconds = (performance.now() - startedAt) / 1_000;
  agent.destroy();
  return {
    perSecond: times.length / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    statuses,
  };
}

interface Answer {
  readonly status: number;
  /** Until the last byte. */
  readonly ms: number;
}

function send({ url, headers, body, isHostile = false }: Load, agent: Agent): Promise<Answer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const { statusCode: status = 0 } = response;
        if (status === 200 || isHostile) resolve({ status, ms: performance.now() - startedAt });
        else reject(new Error(`${status}: ${text.slice(0, 500)}`));
      });
    });
    sent.on("error", reject).end(body);
  });
}
