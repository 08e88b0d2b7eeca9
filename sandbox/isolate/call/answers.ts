import type { JsonValue } from "../../../manifests/json.ts";
import { cleanLabel } from "../../../manifests/label.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import type { Given } from "../../sandbox.ts";
import type { Request } from "../protocol/said.ts";

/** Where a guest's requests get their answers from. */
export interface Answers {
  /** Codes that the guest was refused with. */
  readonly refusals: ReadonlySet<string>;
  /**
   * Takes `requests`, and resolves with what there is to answer, of these or of earlier ones;
   * undefined where there will never be anything.
   *
   * @throws {Error} where nothing was asked that is not answered.
   */
  give(requests: readonly Request[]): Promise<Given | undefined>;
  /** Throws what the broker threw that was no refusal. */
  throwBug(): void;
}

/** In the place of the broker's door where a call is run again: nothing leads out. */
export const closedDoor: BrokerDoor = {
  request: noDoor,
  mount: noDoor,
  copyIn: noDoor,
  copyOut: noDoor,
  pass: noDoor,
  tunnel: noDoor,
  signal: AbortSignal.abort(),
  entries: [],
  read: cleanLabel,
  redact: (text) => text,
  refuseHandles: () => undefined,
  close: () => Promise.resolve(),
};

function noDoor(): Promise<never> {
  return Promise.reject(new Error("a call that is run again has no door"));
}

/** Characters of JSON for one frame: escaped once more, or three bytes each, they still fit. */
export const frameChars: number = limits.frameBytes / 4;

/** As the bootstrap reads it: number of the request, whether it was done, and what came of it. */
type Answer = readonly [number, true, JsonValue] | readonly [number, false, string, string];

export interface LiveOptions {
  readonly door: BrokerDoor;
  /** Resolves when nobody waits for an answer any more. */
  readonly over: Promise<void>;
  /** Milliseconds since the call began, of a clock that only goes forward. */
  readonly elapsedMs: () => number;
  /** Milliseconds since 1970, when the call began. */
  readonly startedAt: number;
}

/** Answers of the broker, as they come. */
export class LiveAnswers implements Answers {
  readonly refusals: Set<string> = new Set();
  readonly #options: LiveOptions;
  readonly #ready: Answer[] = [];
  #asked = 0;
  #open = 0;
  #answered: PromiseWithResolvers<void> | undefined;
  #bug: unknown;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  async give(requests: readonly Request[]): Promise<Given> {
    this.#asked += requests.length;
    await this.#keepPace();
    for (const request of requests) this.#ask(request);
    const answers = await this.#takeReady();
    const now = this.#options.startedAt + Math.floor(this.#options.elapsedMs());
    return { now, answers };
  }

  throwBug(): void {
    if (this.#bug !== undefined) throw this.#bug;
  }

  /** A guest that asks faster than it may is not refused; it waits. */
  async #keepPace(): Promise<void> {
    const earliestMs = ((this.#asked - limits.hostCallsAtOnce) * 1_000) / limits.hostCallsPerSecond;
    const waitMs = earliestMs - this.#options.elapsedMs();
    if (waitMs <= 0) return;
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, waitMs);
    await Promise.race([waited.promise, this.#options.over]);
    clearTimeout(timer);
  }

  #ask(request: Request): void {
    this.#open += 1;
    void this.#answer(request).then((answer) => {
      this.#open -= 1;
      this.#ready.push(answer);
      this.#answered?.resolve();
    });
  }

  async #answer({ id, name, args }: Request): Promise<Answer> {
    try {
      return [id, true, await this.#options.door.request(name, parseStrictJson(args))];
    } catch (error) {
      if (!(error instanceof Refusal)) this.#bug = error;
      const { code, message } = error instanceof Refusal ? error : new Refusal("INTERNAL");
      this.refusals.add(code);
      return [id, false, code, message];
    }
  }

  /** Waits for one answer at least, and takes as many as are there and fit. */
  async #takeReady(): Promise<string> {
    if (this.#ready.length === 0) {
      if (this.#open === 0) throw new Error("a worker that waits for nothing");
      this.#answered = Promise.withResolvers();
      await Promise.race([this.#answered.promise, this.#options.over]);
    }
    const texts: string[] = [];
    for (let size = 0; size < frameChars; size += texts.at(-1)?.length ?? 0) {
      const answer = this.#ready.shift();
      if (!answer) break;
      texts.push(JSON.stringify(answer));
    }
    return `[${texts.join(",")}]`;
  }
}

/** The answers of a call that was recorded, in the same portions; there is no door behind them. */
export class RecordedAnswers implements Answers {
  readonly refusals: Set<string> = new Set();
  readonly #given: Iterator<Given>;

  constructor(given: readonly Given[]) {
    this.#given = given.values();
  }

  give(): Promise<Given | undefined> {
    const { value } = this.#given.next() as { readonly value: Given | undefined };
    if (value) this.#note(value);
    return Promise.resolve(value);
  }

  throwBug(): void {}

  #note({ answers }: Given): void {
    for (const [, isDone, code] of JSON.parse(answers) as Answer[]) {
      if (!isDone) this.refusals.add(code);
    }
  }
}
