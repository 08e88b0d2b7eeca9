import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { Breach } from "./breach.ts";
import { Connection } from "./connection.ts";
import type { Frame } from "./frame.ts";
import type { Ended, Launched } from "./launcher.ts";
import { type GatewayWord, type LauncherWord, parseLauncherWord } from "./words.ts";

type Listener = (...output: Output) => void;
type Output = readonly [stream: "stdout" | "stderr", bytes: Uint8Array];
type LaunchedWord = Extract<LauncherWord, { readonly word: "launched" }>;

/** The gateway's end of one connection: a container, or a question. */
export class ContainerLink {
  readonly #connection: Connection;
  readonly #answer = Promise.withResolvers<LauncherWord>();
  readonly #ended = Promise.withResolvers<Ended>();
  readonly #gone = Promise.withResolvers<void>();
  #phase: "asked" | "runs" | "ended" | "over" = "asked";
  #listener: Listener | undefined;
  /** What was said before anybody listened. */
  #held: Output[] = [];
  #heldBytes = 0;

  /** @param onBug is told what a listener throws; the container is lost to its caller then. */
  constructor(socket: Socket, onBug: (error: unknown) => void) {
    this.#connection = new Connection(socket, (frame) => this.#hear(frame), onBug);
    // Where the answer has come nobody asks for it any more.
    this.#answer.promise.catch(() => undefined);
    void this.#connection.closed.then(() => this.#lost());
  }

  /** The first word. @throws {Refusal} `ENGINE_UNAVAILABLE` where none comes. */
  get answer(): Promise<LauncherWord> {
    return this.#answer.promise;
  }

  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  say(word: GatewayWord): void {
    this.#connection.say(word);
  }

  launched({ container, image }: LaunchedWord): Launched {
    return {
      container,
      image,
      write: (bytes) => void this.#connection.send("stdin", bytes),
      endInput: () => this.say({ word: "end-input" }),
      onOutput: (listener) => this.#listen(listener),
      ended: this.#ended.promise,
      kill: () => this.kill(),
    };
  }

  /** Resolves when the launcher says that it is gone, or is not there to be asked any more. */
  async kill(): Promise<void> {
    this.#listen(this.#listener ?? (() => undefined));
    this.say({ word: "kill" });
    const over = new AbortController();
    const late = sleep(containerLimits.linkAnswerMs, undefined, { signal: over.signal });
    await Promise.race([this.#gone.promise, late]);
    over.abort();
    this.destroy();
  }

  /** The launcher ends the container when its connection ends. */
  destroy(): void {
    this.#connection.destroy();
  }

  #listen(listener: Listener): void {
    this.#listener = listener;
    const held = this.#held;
    this.#held = [];
    for (const output of held) listener(...output);
    this.#connection.hold(false);
  }

  #hear(frame: Frame): void {
    if (frame.kind === "word") this.#hearWord(parseLauncherWord(frame.bytes));
    else this.#output(frame);
  }

  #output({ kind, bytes }: Frame): void {
    if (this.#phase !== "runs" || kind === "stdin" || kind === "word") throw unasked(kind);
    if (this.#listener) this.#listener(kind, bytes);
    else this.#hold(kind, bytes);
  }

  #hold(...output: Output): void {
    this.#held.push(output);
    this.#heldBytes += output[1].length;
    if (this.#heldBytes > containerLimits.linkHeldBytes) this.#connection.hold(true);
  }

  #hearWord(said: LauncherWord): void {
    if (this.#phase !== phases[said.word]) throw unasked(said.word);
    if (said.word === "ended") {
      this.#phase = "ended";
      const { word: _, ...ended } = said;
      this.#ended.resolve(ended);
    } else if (said.word === "gone") {
      this.#phase = "over";
      this.#gone.resolve();
    } else {
      this.#phase = said.word === "launched" ? "runs" : "over";
      this.#answer.resolve(said);
    }
  }

  #lost(): void {
    this.#answer.reject(new Refusal("ENGINE_UNAVAILABLE", "the launcher cannot be reached"));
    this.#ended.resolve({ isOutOfMemory: false, lost: "launcher" });
    this.#gone.resolve();
  }
}

/** When a word may be said. */
const phases: Readonly<Record<LauncherWord["word"], string>> = {
  launched: "asked",
  refused: "asked",
  facts: "asked",
  ended: "runs",
  gone: "ended",
};

function unasked(word: string): Breach {
  return new Breach(`\`${word}\` is not said now`);
}
