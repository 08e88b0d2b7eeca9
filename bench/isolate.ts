// The price of the isolate tier: processor time of a whole call, on both sides of the pipe, the
// workers' starts and ends counted, against the bare library in one process without any wall.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { limits } from "../manifests/limits.ts";
import { cpuSeconds } from "./cpu-time.ts";
import { median, quantile } from "./quantile.ts";
import { openTier, runOnTier, smallCode, smallInput } from "./tier-calls.ts";

export interface IsolateBench {
  /** Processor time of a call through the sandbox ÷ of the bare library. */
  readonly ratio: number;
  /** The same against the library's synchronous calls, which no server could use. */
  readonly ratioToSync: number;
  readonly callCpuMs: number;
  readonly bareCpuMs: number;
  readonly bareSyncCpuMs: number;
  /** Wall time of one call at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const rounds = 3;
/** Whole lives of workers, so that a start is paid for by as many calls as in earnest. */
const callsPerRound = 6 * limits.callsPerWorker;

/** Medians of rounds that take turns, so that a busy machine slows both sides alike. */
export async function benchIsolate(): Promise<IsolateBench> {
  const bare = fork(fileURLToPath(import.meta.url), ["bare"], { execArgv: ["--no-node-snapshot"] });
  const seen: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [asyncMs, syncMs] = await askBare(bare);
    seen.push({ ...(await callRound()), asyncMs, syncMs });
  }
  bare.disconnect();
  const callCpuMs = median(seen.map((round) => round.callMs));
  const bareCpuMs = median(seen.map((round) => round.asyncMs));
  const bareSyncCpuMs = median(seen.map((round) => round.syncMs));
  const walls = seen.flatMap((round) => round.walls);
  return {
    ratio: median(seen.map((round) => round.callMs / round.asyncMs)),
    ratioToSync: median(seen.map((round) => round.callMs / round.syncMs)),
    ...{ callCpuMs, bareCpuMs, bareSyncCpuMs },
    p50Ms: quantile(walls, 0.5),
    p99Ms: quantile(walls, 0.99),
  };
}

interface Round {
  readonly callMs: number;
  readonly asyncMs: number;
  readonly syncMs: number;
  readonly walls: readonly number[];
}

async function callRound(): Promise<Pick<Round, "callMs" | "walls">> {
  const sandbox = await openTier(1);
  const before = cpuSeconds();
  const walls: number[] = [];
  const call = { author: "operator", code: smallCode, input: smallInput } as const;
  for (let done = 0; done < callsPerRound; done += 1) {
    const startedAt = performance.now();
    await runOnTier(sandbox, call);
    walls.push(performance.now() - startedAt);
  }
  // What has ended is counted to the last tick.
  await sandbox.close();
  return { callMs: ((cpuSeconds() - before) * 1_000) / walls.length, walls };
}

function askBare(bare: ReturnType<typeof fork>): Promise<[number, number]> {
  return new Promise((resolve, reject) => {
    bare.once("message", (message) => resolve(message as [number, number]));
    bare.once("exit", () => reject(new Error("the bare side died")));
    bare.send("round");
  });
}

/** The other side: create, context, run, dispose; nothing else. */
async function serveBare(): Promise<void> {
  const { default: ivm } = await import("isolated-vm");
  const script = `${smallCode} tool.run(JSON.parse('${smallInput}')).sum`;
  const runAsync = async (): Promise<void> => {
    const isolate = new ivm.Isolate({ memoryLimit: 32 });
    const context = await isolate.createContext();
    await (await isolate.compileScript(script)).run(context, { timeout: 5_000 });
    isolate.dispose();
  };
  const runSync = (): void => {
    const isolate = new ivm.Isolate({ memoryLimit: 32 });
    const context = isolate.createContextSync();
    isolate.compileScriptSync(script).runSync(context, { timeout: 5_000 });
    isolate.dispose();
  };
  process.on("message", () => {
    void (async () => {
      const answer = [await cpuMsOf(runAsync), await cpuMsOf(runSync)];
      process.send?.(answer);
    })();
  });
}

const bareCalls = 500;

async function cpuMsOf(act: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < bareCalls; call += 1) await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / bareCalls;
}

if (process.argv[2] === "bare") await serveBare();
else if (import.meta.main) console.log(JSON.stringify(await benchIsolate()));
