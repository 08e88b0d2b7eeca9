// The price of the isolate tier: processor time of a whole call, on both sides of the pipe, the
// workers' starts and ends counted, against the bare library in one process without any wall.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Grant } from "../manifests/grant.ts";
import { limits } from "../manifests/limits.ts";
import { noPermissions } from "../manifests/permissions.ts";
import { createBroker } from "../sandbox/broker/create-broker.ts";
import { createIsolateSandbox } from "../sandbox/isolate/isolate-sandbox.ts";
import { cpuSeconds } from "./cpu-time.ts";
import { median, quantile } from "./quantile.ts";

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
/** The whole life of a worker, so that its start is paid for by as many calls as in earnest. */
const callsPerRound = limits.callsPerWorker;

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

const code = "var tool = { run(args) { return { sum: args.a + args.b }; } };";
const grant: Grant = {
  id: "grant",
  call: "call",
  session: "session",
  principal: "bench",
  tool: "bench.add",
  toolPin: "",
  arguments: "",
  policyInput: "",
  bundle: "",
  permissions: noPermissions,
  sandbox: { tier: "isolate", author: "operator", jit: false },
  secrets: [],
  issuedAt: 0,
  seed: "00".repeat(16),
  limits: { wallMs: 5_000, cpuMs: 1_000, memoryMb: 32, outputKb: 16 },
  label: { integrity: "trusted", confidentiality: "public" },
  expiresAt: 0,
};

async function callRound(): Promise<Pick<Round, "callMs" | "walls">> {
  const before = cpuSeconds();
  const broker = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
  const sandbox = createIsolateSandbox({ broker, workers: 1 });
  const walls: number[] = [];
  const never = new AbortController().signal;
  await sandbox.warm();
  // The last call would have a new worker started for nobody.
  for (let call = 1; call < callsPerRound; call += 1) {
    const result = await sandbox.run({ grant, code, input: '{"a":1,"b":2}' }, never);
    if (result.kind === "failed") throw new Error(`${result.code}: ${result.detail}`);
    walls.push(result.usage.wallMs);
  }
  // While the worker is still there to be counted.
  const callMs = ((cpuSeconds() - before) * 1_000) / walls.length;
  await sandbox.close();
  return { callMs, walls };
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
  const script = `${code} tool.run(JSON.parse('{"a":1,"b":2}')).sum`;
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

async function cpuMsOf(act: () => void | Promise<void>): Promise<number> {
  const calls = callsPerRound / 4;
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / calls;
}

if (process.argv[2] === "bare") await serveBare();
else if (import.meta.main) console.log(JSON.stringify(await benchIsolate()));
