import { limits } from "../../../manifests/limits.ts";
import { type Pauses, StartPause } from "../../pool/start-pause.ts";
import type { Cordon } from "./cordon.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface CrewOptions {
  /** Processes at most: those that start and those that still end are counted. */
  readonly workers: number;
  /** @throws {Error} where none can be started; no process is left of it then. */
  start(jit: boolean): Promise<WorkerProcess>;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
}

/** One worker of the crew. */
export interface Member {
  readonly worker: WorkerProcess;
  readonly jit: boolean;
  readonly bornAt: number;
  /** From its first call on. */
  cordon: Cordon | undefined;
  claimedAt: number;
  served: number;
  /** Undefined while it serves. */
  idleSince: number | undefined;
  memoryBytes: number;
}

const pauses: Pauses = {
  firstMs: limits.workerPauseMs,
  ceilingMs: limits.workerPauseMsCeiling,
};

/** The living worker processes. Who gets which is not decided here. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #changed: () => void;
  /** The least recently used first. */
  readonly #members: Map<WorkerProcess, Member> = new Map();
  readonly #plain: StartPause = new StartPause(pauses);
  readonly #jit: StartPause = new StartPause(pauses);
  readonly #starting: Set<Promise<void>> = new Set();
  readonly #ending: Set<Promise<void>> = new Set();
  #isClosed = false;

  /** `changed` is called, never at once, when a worker has come or a place has become free. */
  constructor(options: CrewOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
  }

  get ending(): number {
    return this.#ending.size;
  }

  /** Bytes that all of them hold, as last measured. */
  get memoryBytes(): number {
    let bytes = this.#starting.size * limits.workerStartBytes;
    for (const { memoryBytes } of this.#members.values()) bytes += memoryBytes;
    return bytes;
  }

  /** One worker at least, whatever it holds: otherwise nothing would ever run. */
  get hasRoom(): boolean {
    const processes = this.#members.size + this.#starting.size + this.#ending.size;
    if (processes >= this.#options.workers) return false;
    const bytes = this.memoryBytes + limits.workerStartBytes;
    return processes === 0 || bytes <= limits.workersBytes;
  }

  /** Those that could serve now, the least recently used first. */
  get idle(): readonly Member[] {
    return [...this.#members.values()].filter(
      ({ worker, idleSince }) => idleSince !== undefined && worker.isAlive,
    );
  }

  starting(jit: boolean): number {
    return this.#startsOf(jit).underWay;
  }

  /** How long none is started, because the last one failed. */
  pauseMs(jit: boolean): number {
    return this.#startsOf(jit).leftMs(this.#options.now());
  }

  spares(jit: boolean): readonly Member[] {
    return this.idle.filter((member) => member.cordon === undefined && member.jit === jit);
  }

  has({ key }: Cordon): boolean {
    for (const { cordon, worker } of this.#members.values()) {
      if (cordon?.key === key && worker.isAlive) return true;
    }
    return false;
  }

  /** The most recently used, so that the others can be ended one day. */
  idleOf({ key }: Cordon): Member | undefined {
    let found: Member | undefined;
    for (const member of this.#members.values()) {
      const isIdle = member.idleSince !== undefined && member.worker.isAlive;
      if (isIdle && member.cordon?.key === key) found = member;
    }
    return found;
  }

  /** From now on it belongs to this cordon, and serves until `rest` or `end`. */
  employ(member: Member, cordon: Cordon): WorkerProcess {
    const now = this.#options.now();
    if (member.cordon === undefined) {
      member.claimedAt = now;
      this.#startsOf(member.jit).worked();
    }
    member.cordon = cordon;
    member.idleSince = undefined;
    return member.worker;
  }

  find(worker: WorkerProcess): Member {
    const member = this.#members.get(worker);
    if (!member) throw new Error("a worker of another crew");
    return member;
  }

  rest(member: Member): void {
    member.idleSince = this.#options.now();
    this.#members.delete(member.worker);
    this.#members.set(member.worker, member);
  }

  /** Its place is free when nothing of it is left, not before. */
  end({ worker }: Member): void {
    if (!this.#members.delete(worker)) return;
    this.#track(this.#ending, worker.kill());
  }

  measure(): void {
    for (const member of this.#members.values()) {
      member.memoryBytes = member.worker.measure()?.memoryBytes ?? member.memoryBytes;
    }
  }

  start(jit: boolean): void {
    this.#track(this.#starting, this.#start(jit));
  }

  /** Resolves when no process is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const member of [...this.#members.values()]) this.end(member);
    while (this.#starting.size + this.#ending.size > 0) {
      await Promise.all([...this.#starting, ...this.#ending]);
    }
  }

  #startsOf(jit: boolean): StartPause {
    return jit ? this.#jit : this.#plain;
  }

  async #start(jit: boolean): Promise<void> {
    const starts = this.#startsOf(jit);
    starts.underWay += 1;
    try {
      this.#enter(await this.#options.start(jit), jit);
    } catch {
      starts.failed(this.#options.now());
    } finally {
      starts.underWay -= 1;
    }
  }

  #enter(worker: WorkerProcess, jit: boolean): void {
    const now = this.#options.now();
    const member: Member = {
      ...{ worker, jit, cordon: undefined, bornAt: now, claimedAt: now, served: 0, idleSince: now },
      memoryBytes: worker.measure()?.memoryBytes ?? limits.workerStartBytes,
    };
    this.#members.set(worker, member);
    if (this.#isClosed) this.end(member);
    else void worker.died.then(() => this.#bury(member));
  }

  /** Of one that serves, whoever uses it takes notice. */
  #bury(member: Member): void {
    if (member.idleSince === undefined || !this.#members.has(member.worker)) return;
    if (member.cordon === undefined) this.#startsOf(member.jit).failed(this.#options.now());
    this.end(member);
  }

  #track(set: Set<Promise<void>>, doing: Promise<void>): void {
    const done = doing.finally(() => {
      set.delete(done);
      this.#changed();
    });
    set.add(done);
  }
}
