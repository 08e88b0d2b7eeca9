import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import type { BrokerDoor } from "../broker/broker.ts";
import type { SandboxJob } from "../sandbox.ts";
import { type End, parseSaid, type Request, type Said } from "./said.ts";
import { newChannel, type WorkerProcess } from "./worker-process.ts";

/** Characters of JSON for one frame: escaped once more, or three bytes each, they still fit. */
const frameChars = limits.frameBytes / 4;

/** As the bootstrap reads it: number of the request, whether it was done, and what came of it. */
type Answer = readonly [number, true, JsonValue] | readonly [number, false, string, string];

/** What gateway and worker say to each other in one call. */
export class Conversation {
  log = "";
  /** Codes that the broker gave to this guest. */
  readonly refusals: Set<string> = new Set();
  readonly #worker: WorkerProcess;
  readonly #job: SandboxJob;
  readonly #door: BrokerDoor;
  readonly #channel = newChannel();
  readonly #answers: Answer[] = [];
  #asked = 0;
  #open = 0;
  #answered: PromiseWithResolvers<void> | undefined;
  #bug: unknown;

  constructor(worker: WorkerProcess, job: SandboxJob, door: BrokerDoor) {
    this.#worker = worker;
    this.#job = job;
    this.#door = door;
  }

  /** Until the call ends. Rejects when the worker dies or breaks the protocol. */
  async hold(): Promise<End> {
    this.#worker.send(this.#opening());
    for (;;) {
      const said = await this.#listen();
      if (said.kind === "ended") return said.end;
      for (const request of said.requests) this.#ask(request);
      this.#worker.send({ channel: this.#channel, answers: await this.#takeAnswers() });
    }
  }

  /** An error of the broker that is no refusal is a bug of ours, and must not look like a result. */
  throwBug(): void {
    if (this.#bug !== undefined) throw this.#bug;
  }

  #opening(): object {
    const { limits: tool } = this.#job.grant;
    const { bundles } = this.#worker;
    const known = bundles.get(this.#job.code);
    const code = known ?? bundles.size;
    if (known === undefined) bundles.set(this.#job.code, code);
    return {
      channel: this.#channel,
      code,
      ...(known === undefined && { source: this.#job.code }),
      input: this.#job.input,
      wallMs: tool.wallMs,
      memoryMb: tool.memoryMb,
      outputChars: tool.outputKb * 1024,
      logChars: limits.logBytesPerCall,
      hostCalls: limits.hostCallsPerCall,
      requestChars: frameChars,
    };
  }

  async #listen(): Promise<Said> {
    const frame = await this.#worker.receive();
    const said = parseSaid(frame, this.#channel);
    this.#worker.note(frame);
    this.log = (this.log + said.log).slice(0, limits.logBytesPerCall);
    return said;
  }

  #ask(request: Request): void {
    this.#asked += 1;
    if (this.#asked > limits.hostCallsPerCall) throw new Error("more requests than a guest has");
    this.#open += 1;
    void this.#answer(request).then((answer) => {
      this.#open -= 1;
      this.#answers.push(answer);
      this.#answered?.resolve();
    });
  }

  async #answer({ id, name, args }: Request): Promise<Answer> {
    try {
      return [id, true, await this.#door.request(name, parseStrictJson(args))];
    } catch (error) {
      if (!(error instanceof Refusal)) this.#bug = error;
      const { code, message } = error instanceof Refusal ? error : new Refusal("INTERNAL");
      this.refusals.add(code);
      return [id, false, code, message];
    }
  }

  /** Waits for one answer at least, and takes as many as are there and fit. */
  async #takeAnswers(): Promise<string> {
    if (this.#answers.length === 0) {
      if (this.#open === 0) throw new Error("a worker that waits for nothing");
      this.#answered = Promise.withResolvers();
      await Promise.race([this.#answered.promise, this.#worker.died]);
    }
    const texts: string[] = [];
    for (let size = 0; size < frameChars; size += texts.at(-1)?.length ?? 0) {
      const answer = this.#answers.shift();
      if (!answer) break;
      texts.push(JSON.stringify(answer));
    }
    return `[${texts.join(",")}]`;
  }
}
