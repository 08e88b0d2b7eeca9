import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { encodeFrame, FrameDecoder } from "./frame-decoder.ts";
import type { Jail } from "./jail.ts";
import { outerWalls } from "./walls.ts";

/** One worker process, from the gateway's side. Whatever it sends is hostile until parsed. */
export interface WorkerProcess {
  /** Of the outermost process of the jail. */
  readonly pid: number;
  readonly isAlive: boolean;
  /** Bundles that the worker has, by their text; their numbers are the order of insertion. */
  readonly bundles: Map<string, number>;
  /** The most memory that it ever used, as it says. */
  peakBytes: number;
  /** Resolves when no process of the jail is left. */
  readonly died: Promise<void>;
  /** True when it has gathered so much that it should serve no further call. */
  isWorn(): boolean;
  send(frame: object): void;
  /** The next frame. Rejects when the worker dies or says what it may not say. */
  receive(): Promise<JsonObject>;
  /** Ends the worker and all its descendants; resolves when none of them is left. */
  kill(): Promise<void>;
  /** What it wrote on its standard error, the first few kilobytes. */
  complaint(): string;
}

/** @throws {Error} when the jail or the worker does not stand in time; nothing is left then. */
export async function startWorker(jail: Jail, memoryMb: number): Promise<WorkerProcess> {
  const worker = new Worker(jail);
  const late = setTimeout(() => void worker.kill(), limits.workerStartMs);
  try {
    const channel = newChannel();
    worker.send({ channel, memoryMb });
    const frame = await worker.receive();
    if (frame["channel"] !== channel) throw new Error("the worker answered another start");
    refuseHoles(worker.pid);
    return worker;
  } catch (cause) {
    await worker.kill();
    throw new Error(`no worker could be started: ${worker.complaint()}`, { cause });
  } finally {
    clearTimeout(late);
  }
}

/** Every worker is measured, not only the first: a wall that was there once may be gone. */
function refuseHoles(pid: number): void {
  const hole = outerWalls(firstChild(pid) ?? 0).find(({ holds }) => !holds);
  if (hole) throw new Error(`the jail has no wall \`${hole.name}\`: ${hole.measured}`);
}

/** Nobody who has not seen it can answer in its name; a late answer to another call is foreign. */
export function newChannel(): string {
  return randomBytes(16).toString("base64url");
}

const complaintBytes = 4_096;

class Worker implements WorkerProcess {
  readonly bundles: Map<string, number> = new Map();
  readonly pid: number;
  isAlive = true;
  readonly #child: ChildProcess;
  readonly died: Promise<void>;
  peakBytes = 0;
  readonly #decoder = new FrameDecoder();
  #waiting: PromiseWithResolvers<JsonObject> | undefined;
  #complaint = "";

  constructor(jail: Jail) {
    const child = spawn(jail.file, jail.args, { env: {}, cwd: "/", stdio: "pipe" });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.died = new Promise((resolve) => {
      child.once("close", () => resolve());
      // Without a process there is no `close`.
      child.once("error", () => resolve());
    });
    void this.died.then(() => this.#end("the worker died"));
    child.stdin.on("error", () => this.#end("the worker's pipe broke"));
    child.stdout.on("data", (chunk: Buffer) => this.#hear(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.#note(chunk));
  }

  send(frame: object): void {
    if (this.isAlive) this.#child.stdin?.write(encodeFrame(frame));
  }

  receive(): Promise<JsonObject> {
    if (!this.isAlive) return Promise.reject(new Error("the worker died"));
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  async kill(): Promise<void> {
    this.#end("the worker was killed");
    // The first process of a process namespace takes all the others with it.
    const inner = firstChild(this.pid);
    if (inner !== undefined) signalKill(inner);
    this.#child.kill("SIGKILL");
    await this.died;
  }

  complaint(): string {
    return this.#complaint;
  }

  isWorn(): boolean {
    let codeBytes = 0;
    for (const code of this.bundles.keys()) codeBytes += code.length;
    return this.peakBytes > limits.workerPeakBytes || codeBytes > limits.workerCodeBytes;
  }

  #hear(chunk: Buffer): void {
    try {
      for (const frame of this.#decoder.push(chunk)) this.#deliver(frame);
    } catch {
      void this.kill();
    }
  }

  #deliver(frame: JsonObject): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) throw new Error("a frame that nobody asked for");
    waiting.resolve(frame);
  }

  #note(chunk: Buffer): void {
    const room = complaintBytes - this.#complaint.length;
    if (room > 0) this.#complaint += chunk.toString("utf8").slice(0, room);
  }

  #end(why: string): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#waiting?.reject(new Error(why));
    this.#waiting = undefined;
  }
}

/** The process inside the jail's process namespace, as seen from here. */
export function firstChild(pid: number): number | undefined {
  try {
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]);
    return child > 0 ? child : undefined;
  } catch {
    return undefined;
  }
}

function signalKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
