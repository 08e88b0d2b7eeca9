import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Breach } from "../link/breach.ts";
import type { Connection } from "../link/connection.ts";
import type { Frame } from "../link/frame.ts";
import type { Ended, LaunchRequest } from "../link/launcher.ts";
import { type GatewayWord, parseGatewayWord } from "../link/words.ts";
import { type PreparedLaunch, prepareLaunch } from "./prepare-launch.ts";
import { Processes } from "./processes.ts";
import { refusedWord } from "./refused-word.ts";
import { relay } from "./relay.ts";
import { within } from "./within.ts";
import type { Yard } from "./yard.ts";

interface Started {
  readonly container: string;
  readonly stream: Duplex;
}

/** One container, from the request to its removal, which comes however the rest ended. */
export class ContainerLife {
  readonly #connection: Connection;
  readonly #yard: Yard;
  readonly #stop = new AbortController();
  readonly #stopped = Promise.withResolvers<undefined>();
  /** Of its call: from the end of its input on. */
  readonly #begun = Promise.withResolvers<void>();
  /** How it ends where it is ended from here. */
  #end: Ended = killed;
  /** Where they are seen. */
  #processes: Processes | undefined;
  /** To its standard input; undefined until there is a container. */
  #stream: Duplex | undefined;

  constructor(connection: Connection, yard: Yard) {
    this.#connection = connection;
    this.#yard = yard;
    this.#stop.signal.addEventListener("abort", () => this.#stopped.resolve(undefined));
    void connection.closed.then(() => this.#stop.abort());
  }

  /** @throws {Breach} for what is not to be said now. */
  hear({ kind, bytes }: Frame): void {
    if (kind === "stdin") this.#input(bytes);
    else if (kind === "word") this.#obey(parseGatewayWord(bytes));
    else throw new Breach("only a program has outputs");
  }

  /** Resolves when the container is gone, or when the engine does not remove it in time. */
  async run(request: LaunchRequest): Promise<void> {
    const prepared = await this.#orRefused(prepareLaunch(request, this.#yard));
    if (prepared) {
      const starting = this.#start(prepared);
      const started = await this.#orRefused(within(containerLimits.containerStartMs, starting));
      if (started) await this.#live(started, prepared);
      // What the engine is still about to make would outlive a removal that came first.
      else await starting.catch(() => undefined).then(() => this.#remove(prepared));
    }
    this.#connection.end();
  }

  async #orRefused<T>(promise: Promise<T>): Promise<T | undefined> {
    try {
      return await promise;
    } catch (error) {
      // A start that the gateway has called off is no news, and nobody waits for a word of it.
      if (!this.#stop.signal.aborted) this.#connection.say(refusedWord(error, this.#yard.note));
      return undefined;
    }
  }

  async #start({ name, options }: PreparedLaunch): Promise<Started> {
    const { engine } = this.#yard;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    const container = await engine.create(name, options);
    signal.throwIfAborted();
    const stream = await engine.attach(container);
    // That it breaks is seen where it is read.
    stream.on("error", () => undefined);
    this.#stream = stream;
    signal.throwIfAborted();
    await engine.start(container);
    return { container, stream };
  }

  /** From its start to its removal. How it ended is told as soon as it is known. */
  async #live(started: Started, prepared: PreparedLaunch): Promise<void> {
    const { container } = started;
    this.#connection.say({ word: "launched", container, image: prepared.options.Image });
    void this.#watch(container, prepared);
    const following = this.#follow(started, prepared);
    await Promise.race([following, this.#stopped.promise]);
    const isEnded = this.#stop.signal.aborted && (await this.#processes?.end()) === true;
    if (isEnded) this.#sayEnded(this.#end);
    const removing = this.#remove(prepared);
    const removed = removing.then((isGone) => (isGone ? this.#end : lost));
    const ended = await Promise.race([following, removed]);
    if (!isEnded) this.#sayEnded(ended);
    if (await removing) this.#connection.say({ word: "gone" });
  }

  #sayEnded(ended: Ended): void {
    const cpuMs = this.#processes?.cpuMs();
    const used = cpuMs !== undefined && { cpuMs: Math.round(cpuMs) };
    this.#connection.say({ word: "ended", ...ended, ...used });
  }

  /**
   * Ends it where all of it together has used more of the processor than each of it may: for its
   * call, and before that while it waits for one.
   */
  async #watch(container: string, { cpuMs }: PreparedLaunch): Promise<void> {
    const { signal } = this.#stop;
    const first = await this.#yard.engine.firstProcess(container).catch(() => 0);
    const processes = Processes.of(container, first);
    this.#processes = processes;
    if (!processes) return;
    void this.#begun.promise.then(() => processes.begin());
    while (!signal.aborted && processes.cpuMs() <= cpuMs) {
      await sleep(containerLimits.cpuWatchMs, undefined, { ref: false });
    }
    if (signal.aborted) return;
    this.#end = overdrawn;
    this.#stop.abort();
  }

  async #follow({ container, stream }: Started, { outputBytes }: PreparedLaunch): Promise<Ended> {
    const { engine } = this.#yard;
    const { signal } = this.#stop;
    const relaying = relay(stream, this.#connection, { outputBytes, signal }).then((isWhole) => {
      if (!isWhole) this.#stop.abort();
    });
    try {
      const exit = engine.exitCode(container);
      // Where the streams break the engine is lost; where they end it says how it ended.
      const exitCode = await Promise.race([exit, relaying.then(() => exit)]);
      if (signal.aborted) return this.#end;
      await within(containerLimits.containerEndMs, relaying);
      const isOutOfMemory = await engine.isOutOfMemory(container);
      const isEnded = exitCode > signalled && !isOutOfMemory;
      return isEnded && !(await engine.isListening()) ? lost : { exitCode, isOutOfMemory };
    } catch (error) {
      if (!signal.aborted) this.#yard.note(`a container was lost: ${String(error)}`);
      return lost;
    }
  }

  async #remove({ slot, name }: PreparedLaunch): Promise<boolean> {
    const { reaper, room } = this.#yard;
    const isGone = await reaper.remove(name, () => room.giveBack(slot));
    this.#stream?.destroy();
    return isGone;
  }

  /** What a program does not read is kept for it, but not without bound. */
  #input(bytes: Buffer): void {
    if (!this.#stream) throw new Breach("there is no program yet");
    if (this.#stream.writable) this.#stream.write(bytes);
    if (this.#stream.writableLength > containerLimits.linkInputBytes) this.#stop.abort();
  }

  #obey({ word }: GatewayWord): void {
    if (word === "kill") this.#stop.abort();
    else if (word === "end-input" && this.#stream) {
      this.#stream.end();
      this.#begun.resolve();
    } else throw new Breach(`\`${word}\` is not said now`);
  }
}

/** Beyond this an exit code is a signal. An engine that is being stopped sends one to each container. */
const signalled = 128;
/** With SIGKILL, because somebody wished it. */
const killed: Ended = { exitCode: 137, isOutOfMemory: false };
/** As one whose processor time the kernel has ended. */
const overdrawn: Ended = { exitCode: 152, isOutOfMemory: false };
const lost: Ended = { isOutOfMemory: false, lost: "engine" };
