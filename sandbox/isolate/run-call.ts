import { limits } from "../../manifests/limits.ts";
import type { ToolLimits } from "../../manifests/manifest.ts";
import { isRefusalCode, type RefusalCode, refusalEntry } from "../../manifests/refusals.ts";
import type { Broker } from "../broker/broker.ts";
import type { SandboxFailure, SandboxJob, SandboxOutput, SandboxResult } from "../sandbox.ts";
import { Conversation } from "./conversation.ts";
import { type End, failed } from "./said.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface CallDeps {
  readonly broker: Broker;
  readonly now: () => number;
}

/**
 * Runs one call on a worker that nobody else uses. The deadline is held here and needs no help
 * from the worker: it is killed. A worker that is still alive afterwards may serve the next call.
 */
export async function runCall(
  worker: WorkerProcess,
  job: SandboxJob,
  deps: CallDeps & { readonly signal: AbortSignal },
): Promise<SandboxResult> {
  const startedAt = deps.now();
  const startCpuMs = worker.cpuMs;
  const stop = new AbortController();
  const door = deps.broker.open(job.grant, stop.signal);
  const conversation = new Conversation(worker, job, door);
  const end = await bounded(conversation, stop, { worker, job, signal: deps.signal });
  stop.abort(over);
  if (!isHarmless(end)) await worker.kill();
  await door.close();
  conversation.throwBug();
  const wallMs = deps.now() - startedAt;
  const outputBytes = end.kind === "output" ? Buffer.byteLength(end.output) : 0;
  const ran = {
    // A killed worker cannot say what it used; one thread of guest uses no more than the wall time.
    usage: {
      wallMs,
      cpuMs: worker.isAlive ? Math.max(0, worker.cpuMs - startCpuMs) : wallMs,
      outputBytes,
    },
    requests: door.entries,
    log: conversation.log,
    read: door.read,
  };
  return { ...settled(end, { job, refusals: conversation.refusals }), ...ran };
}

/** A reason of our own: the default one is an exception, with a stack, for each call. */
const over = "the call is over";

interface Bounds {
  readonly worker: WorkerProcess;
  readonly job: SandboxJob;
  readonly signal: AbortSignal;
}

/** The conversation, ended from outside at the deadline and when the caller gives up. */
async function bounded(
  conversation: Conversation,
  stop: AbortController,
  { worker, job, signal }: Bounds,
): Promise<End> {
  let forced: RefusalCode | undefined;
  const force = (code: RefusalCode): void => {
    forced ??= code;
    stop.abort(over);
    void worker.kill();
  };
  const cancel = (): void => force("CANCELLED");
  const wallMs = job.grant.limits.wallMs + limits.killGraceMs;
  const deadline = setTimeout(force, wallMs, "TIMEOUT_WALL");
  const watch = setInterval(() => {
    const code = overdrawn(worker, job.grant.limits);
    if (code) force(code);
  }, limits.workerWatchMs);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const end = await conversation.hold();
    return forced ? failed(forced) : end;
  } catch {
    return failed(forced ?? crashCode(worker));
  } finally {
    clearTimeout(deadline);
    clearInterval(watch);
    signal.removeEventListener("abort", cancel);
  }
}

/** What the call has used beyond its limits. The worker has no part in this: it may be the guest's. */
function overdrawn(worker: WorkerProcess, tool: ToolLimits): RefusalCode | undefined {
  const measured = worker.measure();
  if (!measured) return undefined;
  if (measured.cpuMs - worker.cpuMs > tool.cpuMs) return "TIMEOUT_CPU";
  const memoryBytes = limits.workerRestBytes + tool.memoryMb * 2 * 1_048_576;
  return measured.memoryBytes > memoryBytes ? "OOM" : undefined;
}

/** V8 ends the process where an allocation of its own fails, and says so; the addon, in its words. */
function crashCode(worker: WorkerProcess): RefusalCode {
  const isMemory = /out of memory|allocation failed|is_heap_oom/i.test(worker.complaint());
  return isMemory ? "OOM" : "SANDBOX_CRASH";
}

/** Whether the worker can be trusted to be as it was before the call. */
function isHarmless(end: End): boolean {
  if (end.kind !== "failed") return true;
  return end.code === "OUTPUT_LIMIT" || end.code === "HOSTCALL_LIMIT";
}

type Settled =
  | Pick<SandboxOutput, "kind" | "output">
  | Pick<SandboxFailure, "kind" | "code" | "detail">;

interface Known {
  readonly job: SandboxJob;
  /** Codes that the broker really gave to this guest. */
  readonly refusals: ReadonlySet<string>;
}

function settled(end: End, { job, refusals }: Known): Settled {
  switch (end.kind) {
    case "output": {
      const tooLarge = Buffer.byteLength(end.output) > job.grant.limits.outputKb * 1024;
      return tooLarge ? (failed("OUTPUT_LIMIT") as Settled) : end;
    }
    case "error": {
      const detail = end.detail.slice(0, 500);
      return { kind: "failed", code: errorCode(end.code, refusals), detail };
    }
    case "failed":
      return end;
  }
}

/** The broker's word where the broker really said it, so that no tool can blame the gateway. */
function errorCode(code: string, refusals: ReadonlySet<string>): RefusalCode {
  const isBrokers =
    refusals.has(code) && isRefusalCode(code) && refusalEntry(code).ring === "broker";
  return isBrokers ? code : "GUEST_ERROR";
}
