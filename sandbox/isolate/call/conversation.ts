import { digestParts } from "../../../manifests/digest.ts";
import { limits } from "../../../manifests/limits.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import { type End, failed } from "../../end.ts";
import type { Asked, Given, Recording, SaidEnd, SandboxJob } from "../../sandbox.ts";
import { newChannel, type WorkerProcess } from "../pool/worker-process.ts";
import type { AnswersFrame, CallFrame, GuestStart } from "../protocol/protocol.ts";
import { parseSaid, type Request, type Said } from "../protocol/said.ts";
import { type Answers, frameChars, LiveAnswers, RecordedAnswers } from "./answers.ts";

export interface ConversationDeps {
  readonly door: BrokerDoor;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** What gateway and worker say to each other in one call. */
export class Conversation {
  /** All that the tool logged, capped. */
  log = "";
  readonly #worker: WorkerProcess;
  readonly #job: SandboxJob;
  readonly #answers: Answers;
  readonly #channel = newChannel();
  readonly #start: string;
  readonly #asked: Asked[] = [];
  readonly #given: Given[] = [];
  #end: End | undefined;
  #turn = 0;
  #givenBytes = 0;

  constructor(worker: WorkerProcess, job: SandboxJob, deps: ConversationDeps) {
    this.#worker = worker;
    this.#job = job;
    this.#answers = answersTo(worker, job, deps);
    this.#start = job.recording?.start ?? JSON.stringify(startOf(job));
  }

  /** Codes that this guest was really refused with. */
  get refusals(): ReadonlySet<string> {
    return this.#answers.refusals;
  }

  /** An error of the broker that is no refusal is a bug of ours, and must not look like a result. */
  throwBug(): void {
    this.#answers.throwBug();
  }

  /** Until the call ends. Rejects when the worker dies or breaks the protocol. */
  async hold(): Promise<End> {
    this.#worker.send(this.#opening());
    for (; ; this.#turn += 1) {
      const said = await this.#listen();
      if (said.kind === "ended") {
        if (isOwn(said.end)) this.#end = said.end;
        return said.end;
      }
      for (const request of said.requests) this.#note(request);
      const given = await this.#answers.give(said.requests);
      if (!given) return failed("CANCELLED");
      this.#keep(given);
      this.#worker.send({ channel: this.#channel, ...given } satisfies AnswersFrame);
    }
  }

  /** What it takes to hold it again, as far as it came. */
  get recording(): Recording {
    const isWhole = this.#givenBytes <= limits.recordingBytes;
    return {
      engine: process.versions.v8,
      start: this.#start,
      asked: this.#asked,
      given: isWhole ? this.#given : [],
      isWhole,
      log: digestParts("output", [this.log]),
      ...(this.#end && { end: saidEnd(this.#end) }),
    };
  }

  #opening(): CallFrame {
    const { wallMs, memoryMb } = this.#job.grant.limits;
    const { bundles } = this.#worker;
    const known = bundles.get(this.#job.code);
    const code = known ?? bundles.size;
    if (known === undefined) bundles.set(this.#job.code, code);
    return {
      channel: this.#channel,
      code,
      ...(known === undefined && { source: this.#job.code }),
      input: this.#job.input,
      wallMs,
      memoryMb,
      start: this.#start,
    };
  }

  async #listen(): Promise<Said> {
    const frame = await this.#worker.receive();
    const said = parseSaid(frame, this.#channel);
    this.#worker.note(frame);
    this.log = (this.log + said.log).slice(0, limits.logBytesPerCall).toWellFormed();
    return said;
  }

  /** Requests are numbered in the order in which they are asked: each one once, and none left out. */
  #note({ id, name, args }: Request): void {
    if (id !== this.#asked.length) throw new Error("a request out of turn");
    if (id >= limits.hostCallsPerCall) throw new Error("more requests than a guest has");
    this.#asked.push({ turn: this.#turn, name, digest: digestParts("request", [args]) });
  }

  #keep(given: Given): void {
    this.#givenBytes += Buffer.byteLength(given.answers);
    if (this.#givenBytes <= limits.recordingBytes) this.#given.push(given);
  }
}

function answersTo(worker: WorkerProcess, job: SandboxJob, deps: ConversationDeps): Answers {
  if (job.recording) return new RecordedAnswers(job.recording.given);
  const { door, now } = deps;
  const began = now();
  const startedAt = job.grant.issuedAt;
  return new LiveAnswers({ door, over: worker.died, elapsedMs: () => now() - began, startedAt });
}

/** Whether the guest came to this end by itself: time and memory are not the same each time. */
function isOwn(end: End): boolean {
  return end.kind !== "failed" || end.code === "OUTPUT_LIMIT" || end.code === "HOSTCALL_LIMIT";
}

function saidEnd(end: End): SaidEnd {
  const words = end.kind === "output" ? [end.output] : [end.code, end.detail];
  return { kind: end.kind, digest: digestParts("output", words) };
}

function startOf({ grant }: SandboxJob): GuestStart {
  return {
    now: grant.issuedAt,
    seed: [0, 8, 16, 24].map((at) => Number.parseInt(grant.seed.slice(at, at + 8), 16)),
    outputChars: grant.limits.outputKb * 1024,
    logChars: limits.logBytesPerCall,
    hostCalls: limits.hostCallsPerCall,
    requestChars: frameChars,
  };
}
