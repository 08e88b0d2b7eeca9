import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { ContainerLink } from "./container-link.ts";
import type { EngineFacts, Launched, Launcher, LaunchRequest } from "./launcher.ts";
import type { GatewayWord, LauncherWord } from "./words.ts";

/**
 * The gateway's side of a launcher that listens at a unix socket. Nothing connects until it is asked.
 *
 * @param onBug is told what is thrown by who listens to a container; that container is ended.
 */
export function connectLauncher(socketPath: string, onBug: (error: unknown) => void): Launcher {
  return new LauncherClient(socketPath, onBug);
}

class LauncherClient implements Launcher {
  readonly #socketPath: string;
  readonly #onBug: (error: unknown) => void;
  readonly #links = new Set<ContainerLink>();
  #isClosed = false;

  constructor(socketPath: string, onBug: (error: unknown) => void) {
    this.#socketPath = socketPath;
    this.#onBug = onBug;
  }

  async launch(request: LaunchRequest, signal: AbortSignal): Promise<Launched> {
    const link = this.#open({ word: "launch", ...request });
    const answer = await answerOf(link, signal);
    if (answer.word !== "launched") throw unexpected(link);
    return link.launched(answer);
  }

  async facts(): Promise<EngineFacts> {
    const link = this.#open({ word: "facts" });
    const { word, ...facts } = await answerOf(link, new AbortController().signal);
    link.destroy();
    if (word !== "facts") throw unexpected(link);
    return facts as EngineFacts;
  }

  #open(word: GatewayWord): ContainerLink {
    if (this.#isClosed) throw new Refusal("ENGINE_UNAVAILABLE", "the gateway is stopping");
    const link = new ContainerLink(connect({ path: this.#socketPath }), this.#onBug);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    link.say(word);
    return link;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#links].map((link) => link.kill()));
  }
}

/** @throws {Refusal} what the launcher refused with, `ENGINE_UNAVAILABLE`, `CANCELLED`. */
async function answerOf(link: ContainerLink, signal: AbortSignal): Promise<LauncherWord> {
  const cancelled = Promise.withResolvers<never>();
  const cancel = (): void => cancelled.reject(new Refusal("CANCELLED"));
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  const over = new AbortController();
  try {
    const late = sleep(containerLimits.linkAnswerMs, undefined, {
      signal: over.signal,
      ref: false,
    });
    const tooLate = late.then(() => {
      throw new Refusal("ENGINE_UNAVAILABLE", "the launcher does not answer");
    });
    const answer = await Promise.race([link.answer, cancelled.promise, tooLate]);
    if (answer.word === "refused") throw new Refusal(answer.code, answer.detail);
    return answer;
  } catch (error) {
    link.destroy();
    throw error;
  } finally {
    over.abort();
    signal.removeEventListener("abort", cancel);
  }
}

function unexpected(link: ContainerLink): Refusal {
  link.destroy();
  return new Refusal("ENGINE_UNAVAILABLE", "the launcher does not speak as it should");
}
