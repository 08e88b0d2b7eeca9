import { randomBytes } from "node:crypto";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { cleanLabel, joinLabels, type Label } from "../../../manifests/label.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { failed } from "../../end.ts";
import { Hearing } from "../call/hearing.ts";
import type { Verdict } from "../call/verdict.ts";
import type { Listener, ServiceEnd, ServiceInstance } from "./service.ts";

/** One question of a turn, and how long an answer may be, and may take. */
export interface Question {
  /** JSON without a line break, with the nonce that the answer repeats. */
  readonly text: string;
  readonly hearing: Hearing;
  readonly wallMs: number;
  readonly signal: AbortSignal;
}

/**
 * Question and answer with one instance, in its turns: a line of JSON, and one document as for a call
 * of a container's own. Whoever says something unasked, or anything but the answer, is ended, and so
 * is one that does not answer: what it still does then is no call's.
 */
export class Conversation {
  /** Of all that it was told and has read, in every call so far. */
  memory: Label = cleanLabel;
  readonly #instance: ServiceInstance;
  #hearing: Hearing | undefined;
  #murmuredBytes = 0;

  constructor(instance: ServiceInstance) {
    this.#instance = instance;
    instance.onOutput((stream, bytes) => this.#hear(stream, bytes));
  }

  async ask({ text, hearing, wallMs, signal }: Question): Promise<Verdict> {
    const forced = Promise.withResolvers<Verdict>();
    const deadline = setTimeout(() => forced.resolve(failed("TIMEOUT_WALL")), wallMs);
    const cancel = (): void => forced.resolve(failed("CANCELLED"));
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    this.#hearing = hearing;
    try {
      this.#instance.send(text);
      const ended = this.#instance.over.then((end) => verdictOf(end, hearing));
      return this.#settle(await Promise.race([hearing.decided, ended, forced.promise]), hearing);
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener("abort", cancel);
      this.#hearing = undefined;
      this.#murmuredBytes = 0;
    }
  }

  /** Whether it answers at all. */
  async isHealthy(signal: AbortSignal): Promise<boolean> {
    const nonce = randomBytes(16).toString("hex");
    const { serviceHealthBytes: bytes, serviceAnswerMs: wallMs } = containerLimits;
    const hearing = new Hearing({ nonce, answerBytes: bytes, outputBytes: bytes });
    const verdict = await this.ask({ text: JSON.stringify({ nonce }), hearing, wallMs, signal });
    return verdict.kind === "output";
  }

  learn(label: Label): void {
    this.memory = joinLabels(this.memory, label);
  }

  /** An answer and something else beside it is no answer. */
  #settle(verdict: Verdict, hearing: Hearing): Verdict {
    const believed =
      verdict.kind !== "failed" && hearing.isLate ? failed("OUTPUT_UNREADABLE") : verdict;
    if (believed.kind === "failed") {
      this.#instance.fail(new Refusal(believed.code, believed.detail));
    }
    return believed;
  }

  #hear(...[stream, bytes]: Parameters<Listener>): void {
    if (this.#hearing) this.#hearing.hear(stream, bytes);
    else if (stream === "stdout" && !isBlank(bytes)) {
      this.#instance.fail(new Refusal("OUTPUT_UNREADABLE", "the service spoke unasked"));
    } else this.#murmured(bytes.length);
  }

  /** The line end of an answer, and a log that nobody keeps. */
  #murmured(bytes: number): void {
    this.#murmuredBytes += bytes;
    if (this.#murmuredBytes <= containerLimits.errorBytes) return;
    this.#instance.fail(new Refusal("OUTPUT_LIMIT", "the service said too much between two calls"));
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString("latin1").trim() === "";
}

/** Where its program ended by itself, as of a container that served one call. */
function verdictOf({ code, ended }: ServiceEnd, hearing: Hearing): Verdict {
  return ended ? hearing.verdictAt(ended) : failed(code);
}
