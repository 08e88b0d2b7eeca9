import { limits } from "../../../manifests/limits.ts";
import type { ToolLimits } from "../../../manifests/manifest.ts";
import { isRefusalCode, type RefusalCode, refusalEntry } from "../../../manifests/refusals.ts";
import type { Broker } from "../../broker/broker.ts";
import { type End, failed } from "../../end.ts";
import type {
  SandboxFailure,
  SandboxJob,
  SandboxOutput,
  SandboxResult,
  Signal,
} from "../../sandbox.ts";
import { screened } from "../../screen.ts";
import { cordonOf } from "../pool/cordon.ts";
import type { WorkerProcess } from "../pool/worker-process.ts";
import { closedDoor } from "./answers.ts";
import { Conversation } from "./conversation.ts";

export interface CallDeps {
  readonly broker: Broker;
  readonly now: () => number;
}

/**
 * Runs one call on a worker that nobody else uses. The deadline is held here and needs no help
 * from the worker: it is killed. A worker that is still alive afterwards may serve the next call of
 * its cordon. Nothing of this call has any effect after that: the broker's door is closed, and a
 * frame that comes later kills the worker.
 */
export async function runCall(
  worker: WorkerProcess,
  job: SandboxJob,
  deps: CallDeps & { readonly signal: AbortSignal },
): Promise<SandboxResult> {
  worker.claim(cordonOf(job.grant));
  const startedAt = deps.now();
  const startCpuMs = worker.cpuMs;
  const stop = new AbortController();
  const door = job.recording ? closedDoor : deps.broker.open(job.grant, stop.signal);
  const conversation = new Conversation(worker, job, { door, now: deps.now });
  const ended = await bounded(conversation, stop, { worker, job, signal: deps.signal });
  stop.abort(over);
  const said = screened(ended, conversation.log, door);
  if (!isHarmless(said)) await worker.kill();
  await door.close();
  conversation.throwBug();
  // Whoever says more after the last word is not to be believed in what it said before.
  const isLate = worker.isHostile && isHarmless(said);
  const end = isLate ? crashed("late-frame") : said;
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
    log: door.redact(conversation.log),
    read: door.read,
    recording: conversation.recording,
  };
  return { ...settled(end, { job, refusals: conversation.refusals }), ...ran };
}

/** A reason of our own: the default one is an exception, with a stack, for each call. */
const over = "the call is over";

type Ending = Settled | Extract<End, { kind: "error" }>;

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
): Promise<Ending> {
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
    if (forced) return failed(forced);
    return end.kind === "failed" && end.code === "SANDBOX_CRASH" ? crashed("died") : end;
  } catch {
    return forced ? failed(forced) : await deathOf(worker);
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

/** One that broke the protocol may say that it had no memory, too, to look harmless. */
async function deathOf(worker: WorkerProcess): Promise<Ending> {
  if (worker.isHostile || worker.isAlive) return crashed("protocol");
  // Its pipes may break before its last words have come.
  await worker.kill();
  const isMemory = worker.isStarved || lacksMemory.test(worker.complaint());
  return isMemory ? failed("OOM") : crashed("died");
}

/**
 * The last words of a process that memory ended: V8's, where an allocation of its own fails; the
 * addon's; and the C++ runtime's, which finds no place for a thread's stack either where the address
 * space is full.
 */
const lacksMemory =
  /out of memory|allocation failed|is_heap_oom|last few gcs|bad_alloc|temporarily unavailable|cannot allocate memory/i;

function crashed(signal: Signal): Ending {
  return { ...failed("SANDBOX_CRASH"), signal };
}

/** Whether the worker can be trusted to be as it was before the call. */
function isHarmless(end: Ending): boolean {
  if (end.kind !== "failed") return true;
  return end.code === "OUTPUT_LIMIT" || end.code === "HOSTCALL_LIMIT";
}

type Settled =
  | Pick<SandboxOutput, "kind" | "output">
  | Pick<SandboxFailure, "kind" | "code" | "detail" | "signal">;

interface Known {
  readonly job: SandboxJob;
  /** Codes that the broker really gave to this guest. */
  readonly refusals: ReadonlySet<string>;
}

function settled(end: Ending, { job, refusals }: Known): Settled {
  switch (end.kind) {
    case "output": {
      const tooLarge = Buffer.byteLength(end.output) > job.grant.limits.outputKb * 1024;
      return tooLarge ? failed("OUTPUT_LIMIT") : end;
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
