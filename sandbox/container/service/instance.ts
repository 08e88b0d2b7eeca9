import { randomBytes } from "node:crypto";
import { once } from "../../../manifests/once.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { EgressSocket } from "../../broker/proxy/egress-proxy.ts";
import type { Ended, Launched } from "../link/launcher.ts";
import type { Listener, ServiceEnd, ServiceInstance, ServiceOptions } from "./service.ts";
import { TurnDoor } from "./turn-door.ts";

type StartOptions = Pick<ServiceOptions, "launcher" | "proxy" | "request" | "onBug">;

/**
 * Starts a container with a way out of its own, whose credential lives as long as the container. A
 * service with a network is told it in the first line of its standard input, as JSON:
 * `{"credential":"…"}`; one without is told nothing.
 *
 * @throws {Refusal} as the launcher. Nothing is left then.
 */
export async function startInstance(
  { launcher, proxy, request, onBug }: StartOptions,
  signal: AbortSignal,
): Promise<Instance> {
  const slot = randomBytes(16).toString("hex");
  const socket = request.network ? await proxy.open(slot) : undefined;
  try {
    const launched = await launcher.launch({ ...request, slot }, signal);
    return new Instance({ launched, socket, onBug });
  } catch (error) {
    await socket?.close();
    throw error;
  }
}

interface Parts extends Pick<ServiceOptions, "onBug"> {
  readonly launched: Launched;
  readonly socket: EgressSocket | undefined;
}

export class Instance implements ServiceInstance {
  readonly signal: AbortSignal;
  /** Why it has ended, or was ended. */
  readonly over: Promise<ServiceEnd>;
  readonly container: string;
  readonly image: string;
  /** Resolves when nothing of it is left. */
  readonly end: () => Promise<void>;
  readonly #launched: Launched;
  readonly #door: TurnDoor;
  readonly #fail: (end: ServiceEnd) => void;
  readonly #onBug: (error: unknown) => void;
  #listener: Listener = () => undefined;
  #lastWords = "";

  constructor({ launched, socket, onBug }: Parts) {
    this.#onBug = onBug;
    const stop = new AbortController();
    const over = Promise.withResolvers<ServiceEnd>();
    this.signal = stop.signal;
    this.over = over.promise;
    this.#launched = launched;
    this.container = launched.container;
    this.image = launched.image;
    this.#fail = (end) => {
      over.resolve(end);
      stop.abort("the service has ended");
    };
    this.end = once(async () => {
      this.fail(new Refusal("CANCELLED", "the service was ended"));
      await Promise.all([launched.kill(), socket?.close()]);
    });
    this.#door = new TurnDoor(stop.signal);
    launched.onOutput((stream, bytes) => this.#hear(stream, bytes));
    void launched.ended.then((ended) => this.#fail(endOf(ended, this.#lastWords)));
    if (socket) this.send(JSON.stringify({ credential: socket.admit(this.#door) }));
  }

  /** Only the first reason counts. */
  fail({ code, message }: Refusal): void {
    this.#fail({ code, detail: message });
  }

  send(line: string): void {
    if (!this.signal.aborted) this.#launched.write(Buffer.from(`${line}\n`));
  }

  onOutput(listener: Listener): void {
    this.#listener = listener;
  }

  during: TurnDoor["during"] = async (...turn) => await this.#door.during(...turn);

  #hear(...[stream, bytes]: Parameters<Listener>): void {
    // What it says when it has been ended is believed by nobody.
    if (this.signal.aborted) return;
    if (stream === "stderr") this.#lastWords = tailOf(this.#lastWords, bytes);
    try {
      this.#listener(stream, bytes);
    } catch (error) {
      this.fail(new Refusal("INTERNAL"));
      this.#onBug(error);
    }
  }
}

const wordsChars = 500;

function tailOf(words: string, bytes: Uint8Array): string {
  const last = Buffer.from(bytes.subarray(-wordsChars)).toString("latin1");
  return (words + last).slice(-wordsChars);
}

function endOf(ended: Ended, lastWords: string): ServiceEnd {
  const { exitCode, isOutOfMemory, lost } = ended;
  if (lost) return { code: "ENGINE_UNAVAILABLE", detail: `the ${lost} was lost`, ended };
  if (isOutOfMemory) return { code: "OOM", detail: "the service used up its memory", ended };
  const words = lastWords.trim().split("\n").at(-1) ?? "";
  return { code: "GUEST_ERROR", detail: `ended with exit code ${exitCode}: ${words}`, ended };
}
