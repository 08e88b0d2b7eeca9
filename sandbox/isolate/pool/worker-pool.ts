import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import {
  unavailable,
  type WaitingCall as Waiting,
  WaitingCalls,
} from "../../pool/waiting-calls.ts";
import type { Cordon } from "./cordon.ts";
import { Crew, type CrewOptions, type Member } from "./crew.ts";
import type { WorkerProcess } from "./worker-process.ts";

type WaitingCall = Waiting<Cordon, WorkerProcess>;

/**
 * Worker processes, one call at a time each and never two cordons after one another. They are
 * started when they are needed, once it is `warm` a few of them before; they are replaced after
 * anything that was not peaceful, after their share of calls, and when nobody needs them.
 */
export class WorkerPool {
  readonly #options: CrewOptions;
  readonly #crew: Crew;
  readonly #waiting: WaitingCalls<Cordon, WorkerProcess> = new WaitingCalls(limits.workerQueue);
  #warming: PromiseWithResolvers<void> | undefined;
  readonly #housekeeping: NodeJS.Timeout;
  #alarm: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#crew = new Crew(options, () => this.#serve());
    this.#housekeeping = setInterval(() => this.tick(), limits.workerTickMs).unref();
  }

  /**
   * A worker for one call. `waitMs` bounds the wait for a free one.
   *
   * @throws {Refusal} `SANDBOX_UNAVAILABLE`, `CANCELLED`.
   */
  take(cordon: Cordon, waitMs: number, signal: AbortSignal): Promise<WorkerProcess> {
    if (this.#isClosed) return Promise.reject(closed());
    if (signal.aborted) return Promise.reject(new Refusal("CANCELLED"));
    const since = this.#options.now();
    const taken = this.#waiting.join(cordon, { since, waitMs, signal });
    this.#serve();
    return taken;
  }

  /** Every worker that `take` gave has to come back, dead or alive. */
  give(worker: WorkerProcess): void {
    if (this.#isClosed) return;
    const member = this.#crew.find(worker);
    member.served += 1;
    if (isFit(member)) this.#crew.rest(member);
    else this.#crew.end(member);
    this.#serve();
  }

  /** From now on some workers are kept ready. Resolves when they are, or cannot be. */
  async warm(): Promise<void> {
    if (this.#isClosed) return;
    this.#warming ??= Promise.withResolvers();
    this.#serve();
    await this.#warming.promise;
  }

  /** Ends who is too old, has had nothing to do for long, or is one too many for the memory. */
  tick(): void {
    const now = this.#options.now();
    for (const member of this.#crew.idle) if (isOverAge(member, now)) this.#crew.end(member);
    this.#crew.measure();
    for (const member of this.#crew.idle) {
      if (this.#crew.memoryBytes <= limits.workersBytes) break;
      if (member.cordon) this.#crew.end(member);
    }
    this.#serve();
  }

  /** Resolves when no worker is left. Calls under way end as crashed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#housekeeping);
    clearTimeout(this.#alarm);
    this.#warming?.resolve();
    this.#waiting.failAll(closed());
    await this.#crew.close();
  }

  /**
   * Gives out what there is, in turns, and sees to what is missing. Who has waited too long comes
   * before whoever could go on with the worker that is free.
   */
  #serve(): void {
    if (this.#isClosed) return;
    const coming = new Coming(this.#crew);
    const left: WaitingCall[] = [];
    for (const call of this.#waiting.inTurn()) {
      if (this.#assign(call, coming)) continue;
      const isCared = this.#isOverdue(call) && this.#secure(call, coming, this.#hadItsTurn);
      if (!isCared) left.push(call);
    }
    // Who is idle still is wanted by nobody.
    for (const call of left) {
      if (this.#needsOwn(call, coming)) this.#secure(call, coming, () => true);
    }
    this.#refill();
    this.#setAlarm();
  }

  #assign(call: WaitingCall, coming: Coming): boolean {
    const { cordon } = call;
    const own = this.#crew.idleOf(cordon);
    const member =
      own ?? (this.#needsOwn(call, coming) ? this.#crew.spares(cordon.jit)[0] : undefined);
    if (member) call.take(this.#crew.employ(member, cordon));
    return member !== undefined;
  }

  /** Whether there is nobody whom it would be cheaper to wait for. */
  #needsOwn(call: WaitingCall, { keys }: Coming): boolean {
    const { cordon } = call;
    if (cordon.calls === 1 || this.#isOverdue(call)) return true;
    return !keys.has(cordon.key) && !this.#crew.has(cordon);
  }

  #isOverdue({ since }: WaitingCall): boolean {
    return this.#options.now() - since >= limits.workerPatienceMs;
  }

  readonly #hadItsTurn = ({ claimedAt }: Member): boolean =>
    this.#options.now() - claimedAt >= limits.workerTurnMs;

  /**
   * Sees to it that one worker more comes, at the cost of an idle one that `mayGo` where there is no
   * place. False where none is to be had now.
   */
  #secure(call: WaitingCall, coming: Coming, mayGo: (member: Member) => boolean): boolean {
    const { cordon } = call;
    if (coming.takeStart(cordon)) return true;
    const pauseMs = this.#crew.pauseMs(cordon.jit);
    if (pauseMs > 0) {
      if (!this.#crew.has(cordon)) call.fail(noneStarts(pauseMs));
      return true;
    }
    if (!this.#crew.hasRoom) return coming.takeEnd(cordon) || this.#evict(coming, cordon, mayGo);
    this.#crew.start(cordon.jit);
    coming.keys.add(cordon.key);
    return true;
  }

  #evict(coming: Coming, cordon: Cordon, mayGo: (member: Member) => boolean): boolean {
    const victim = this.#crew.idle.find(mayGo);
    if (!victim) return false;
    this.#crew.end(victim);
    coming.keys.add(cordon.key);
    return true;
  }

  /** One after the other: who waits comes first. */
  #refill(): void {
    if (!this.#warming || this.#crew.starting(false) > 0) return;
    const isShort = this.#crew.spares(false).length < limits.workersSpare;
    const canStart = this.#crew.pauseMs(false) === 0 && this.#crew.hasRoom;
    if (isShort && canStart) this.#crew.start(false);
    else this.#warming.resolve();
  }

  /** Time alone can turn a call that waits for its cordon's worker into one that needs another. */
  #setAlarm(): void {
    if (this.#alarm || this.#waiting.size === 0) return;
    this.#alarm = setTimeout(() => {
      this.#alarm = undefined;
      this.#serve();
    }, limits.workerPatienceMs);
  }
}

/** Workers that will be there without anything being done for it, not yet promised to a call. */
class Coming {
  /** Cordons for which a worker is on its way. */
  readonly keys: Set<string> = new Set();
  #plain: number;
  #jit: number;
  #ending: number;

  constructor(crew: Crew) {
    this.#plain = crew.starting(false);
    this.#jit = crew.starting(true);
    this.#ending = crew.ending;
  }

  takeStart({ jit, key }: Cordon): boolean {
    if ((jit ? this.#jit : this.#plain) === 0) return false;
    if (jit) this.#jit -= 1;
    else this.#plain -= 1;
    this.keys.add(key);
    return true;
  }

  takeEnd({ key }: Cordon): boolean {
    if (this.#ending === 0) return false;
    this.#ending -= 1;
    this.keys.add(key);
    return true;
  }
}

function isFit({ worker, served, cordon }: Member): boolean {
  return worker.isAlive && served < (cordon?.calls ?? 0) && !worker.isWorn();
}

/** One that nobody needed yet stays ready; kept back for one cordon it only holds a place. */
function isOverAge({ cordon, jit, bornAt, idleSince = 0 }: Member, now: number): boolean {
  const isSpare = cordon === undefined && !jit;
  return isSpare ? now - bornAt >= limits.workerAgeMs : now - idleSince >= limits.workerIdleMs;
}

function closed(): Refusal {
  return unavailable("the sandbox is closed");
}

function noneStarts(pauseMs: number): Refusal {
  return unavailable(`no worker starts; the next try is in ${Math.ceil(pauseMs)} ms`);
}
