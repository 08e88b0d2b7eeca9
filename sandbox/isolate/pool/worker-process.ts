import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { JsonObject, JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import type { Jail } from "../jail/jail.ts";
import { firstChild, killProcess, type Measured, measureProcess } from "../jail/processes.ts";
import { endOf, spawnJailed } from "../jail/spawn-jailed.ts";
import { outerWalls } from "../proof/outer-walls.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame-decoder.ts";
import type { Cordon } from "./cordon.ts";
import { isWorn } from "./wear.ts";

/** One worker process, from the gateway's side. Whatever it sends is hostile until parsed. */
export interface WorkerProcess {
  /** Of the outermost process of the jail. */
  readonly pid: number;
  readonly isAlive: boolean;
  /** True when it has sent what no worker of ours sends; it is not alive any more then. */
  readonly isHostile: boolean;
  /** True when it has died because the kernel had no memory for it. */
  readonly isStarved: boolean;
  /**
   * Belongs to this cordon from now on, and serves one call more.
   *
   * @throws {Error} where it belongs to another one, or has served its share.
   */
  claim(cordon: Cordon): void;
  /** Bundles that the worker has, by their text; their numbers are the order of insertion. */
  readonly bundles: Map<string, number>;
  /** Processor time that it had used when it last spoke, as it says. */
  cpuMs: number;
  /** Takes down what a frame says of the worker itself. */
  note(frame: JsonObject): void;
  /** Of the process inside the jail, as the kernel says; undefined where there is none. */
  measure(): Measured | undefined;
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
    worker.note(frame);
    refuseHoles(worker.inner, jail);
    return worker;
  } catch (cause) {
    await worker.kill();
    throw new Error(`no worker could be started: ${worker.complaint()}`, { cause });
  } finally {
    clearTimeout(late);
  }
}

/** Every worker is measured, not only the first: a wall that was there once may be gone. */
function refuseHoles(pid: number, jail: Jail): void {
  if (jail.isUnwalled) return;
  const hole = outerWalls(pid, jail).find(({ holds }) => !holds);
  if (hole) throw new Error(`the jail has no wall \`${hole.name}\`: ${hole.measured}`);
}

/** Nobody who has not seen it can answer in its name; a late answer to another call is foreign. */
export function newChannel(): string {
  return randomUUID();
}

const complaintBytes = 4_096;

class Worker implements WorkerProcess {
  readonly bundles: Map<string, number> = new Map();
  readonly pid: number;
  isAlive = true;
  isHostile = false;
  isStarved = false;
  readonly #jit: boolean;
  readonly #isUnwalled: boolean;
  #cordon: string | undefined;
  #calls = 0;
  readonly #child: ChildProcess;
  readonly died: Promise<void>;
  cpuMs = 0;
  #peakBytes = 0;
  #inner = 0;
  readonly #decoder = new FrameDecoder();
  #waiting: PromiseWithResolvers<JsonObject> | undefined;
  #complaint = "";

  constructor(jail: Jail) {
    this.#jit = jail.jit === true;
    this.#isUnwalled = jail.isUnwalled === true;
    const child = spawnJailed(jail, () => {
      this.isStarved = true;
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.died = endOf(child);
    void this.died.then(() => this.#end("the worker died"));
    child.stdin.on("error", () => this.#end("the worker's pipe broke"));
    child.stdout.on("data", (chunk: Buffer) => this.#hear(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.#note(chunk));
  }

  /** The process inside the jail's process namespace, as seen from here; 0 where there is none. */
  get inner(): number {
    if (this.#inner === 0) this.#inner = (this.#isUnwalled ? this.pid : firstChild(this.pid)) ?? 0;
    return this.#inner;
  }

  claim({ key, jit, calls }: Cordon): void {
    if (jit !== this.#jit) throw new Error("a worker of another kind");
    if (this.#cordon !== undefined && this.#cordon !== key) {
      throw new Error("a worker of another cordon");
    }
    if (this.#calls >= calls) throw new Error("a worker that has served its calls");
    this.#cordon = key;
    this.#calls += 1;
  }

  note(frame: JsonObject): void {
    this.cpuMs = numberOf(frame["cpuMs"]);
    this.#peakBytes = numberOf(frame["peakKb"]) * 1024;
  }

  measure(): Measured | undefined {
    return this.isAlive ? measureProcess(this.inner) : undefined;
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
    // What has gone has left its number to others.
    if (this.#hasEnded) return this.died;
    const inner = this.inner;
    // The first process of a process namespace takes all the others with it, and the outer process
    // of the jail ends when it has gone; asked for nothing else, so that it can account for it.
    if (inner === 0) this.#child.kill("SIGKILL");
    else killProcess(inner);
    const late = setTimeout(() => this.#child.kill("SIGKILL"), limits.killGraceMs);
    await this.died;
    clearTimeout(late);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  complaint(): string {
    return this.#complaint;
  }

  isWorn(): boolean {
    const bundles = this.bundles.keys();
    return isWorn({ peakBytes: this.#peakBytes, cpuMs: this.cpuMs, bundles });
  }

  /**
   * It speaks when it was asked and one frame at a time, so that nothing it says can be taken for an
   * answer to what comes later. Of one that is given up nothing is read any more.
   */
  #hear(chunk: Buffer): void {
    if (!this.isAlive) return;
    try {
      for (const frame of this.#decoder.push(chunk)) this.#deliver(frame);
      if (!this.#waiting && !this.#decoder.isEmpty) throw new Error("bytes that nobody asked for");
    } catch {
      this.isHostile = true;
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

/** A number that is none counts as nothing. */
function numberOf(value: JsonValue | undefined): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}
