import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { EngineOptions } from "./engine.ts";
import type { Answer, Operation, OperationKind, Operations } from "./operations.ts";
import type { ThreadMessage } from "./store-thread.ts";

/** The way to the thread that writes: what is asked while a commit is under way shares the next. */
export interface CommitQueue {
  /** Resolves when it is durable. Rejects with the refusal of the operation. */
  submit<Kind extends OperationKind>(
    kind: Kind,
    input: Parameters<Operations[Kind]>[0],
    at: number,
  ): Promise<ReturnType<Operations[Kind]>>;
  /** Waits for what was asked; nothing may be asked after. */
  close(): Promise<void>;
}

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** @throws {Error} one line, where the store cannot be opened. */
export async function openCommitQueue(options: EngineOptions): Promise<CommitQueue> {
  const worker = await startThread(options);
  const state: State = { worker, waiting: [], flying: [], isScheduled: false, broken: undefined };
  worker.on("message", (message: ThreadMessage) => land(state, message));
  worker.on("error", (error: Error) => breakDown(state, error));
  worker.on("exit", () => breakDown(state, new Error("the store is closed")));
  worker.unref();
  return {
    submit: (kind, input, at) => submit(state, { kind, input, at }),
    close: () => close(state),
  };
}

interface State {
  readonly worker: Worker;
  waiting: Waiting[];
  flying: readonly Waiting[];
  isScheduled: boolean;
  broken: Error | undefined;
}

async function startThread(options: EngineOptions): Promise<Worker> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./store-thread.${extension}`, import.meta.url), {
    workerData: options,
    // Nothing of how the process was started is meant for the thread.
    env: {},
    execArgv: [],
  });
  const [message] = (await once(worker, "message")) as [ThreadMessage];
  if (message.kind === "unable") {
    await worker.terminate();
    throw new Error(message.message);
  }
  return worker;
}

function submit<Value>(state: State, operation: Operation): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (state.broken !== undefined) throw unwritable(state.broken);
    if (state.waiting.length >= room(operation.kind)) {
      throw new Refusal("OVERLOADED", undefined, { retryAfterSeconds: 1 });
    }
    state.waiting.push({ operation, resolve: resolve as (value: unknown) => void, reject });
    schedule(state);
  });
}

/** The end of a call that ran is never turned away: those in flight are bounded by themselves. */
function room(kind: OperationKind): number {
  return limits.commitQueue + (kind === "settle" ? limits.callsInFlight : 0);
}

/** Not at once: what this turn of the loop still asks belongs into the same commit. */
function schedule(state: State): void {
  if (state.isScheduled || state.flying.length > 0) return;
  state.isScheduled = true;
  setImmediate(() => {
    state.isScheduled = false;
    send(state);
  });
}

function send(state: State): void {
  if (state.broken !== undefined || state.waiting.length === 0) return;
  state.flying = state.waiting.splice(0, limits.commitBatch);
  // Who waits for a commit keeps the process alive; an idle store does not.
  state.worker.ref();
  state.worker.postMessage(state.flying.map(({ operation }) => operation));
}

function land(state: State, message: ThreadMessage): void {
  if (message.kind !== "answers") return;
  const landed = state.flying;
  state.flying = [];
  for (const [index, waiting] of landed.entries()) settle(waiting, message.answers[index]);
  if (state.waiting.length > 0) schedule(state);
  else state.worker.unref();
}

function settle({ resolve, reject }: Waiting, answer: Answer | undefined): void {
  if (answer?.kind === "done") resolve(answer.value);
  else if (answer?.kind === "refused") {
    const { code, detail, ring, retryAfterSeconds } = answer;
    const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    reject(new Refusal(code, detail, { ring, ...wait }));
  } else reject(new Error(answer?.message ?? "the store gave no answer"));
}

function breakDown(state: State, error: Error): void {
  state.broken ??= error;
  const lost = [...state.flying, ...state.waiting];
  state.flying = [];
  state.waiting = [];
  for (const { reject } of lost) reject(unwritable(error));
}

function unwritable(cause: Error): Refusal {
  return new Refusal("RECORD_UNWRITABLE", undefined, { cause });
}

async function close(state: State): Promise<void> {
  if (state.broken !== undefined) return;
  const exit = once(state.worker, "exit");
  state.worker.ref();
  state.worker.postMessage("close");
  await exit;
}
