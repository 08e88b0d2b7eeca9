import { randomBytes } from "node:crypto";
import { once } from "../../../manifests/once.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { EgressProxy, EgressSocket } from "../../broker/proxy/egress-proxy.ts";
import type { Ended, Launched, Launcher } from "../link/launcher.ts";
import type { Cordon } from "./cordon.ts";

export interface StandingDeps {
  readonly launcher: Launcher;
  readonly proxy: EgressProxy;
  /** What stands at mounts now. */
  readonly groundOf: (mounts: readonly string[]) => Promise<string>;
}

export type Listener = (stream: "stdout" | "stderr", bytes: Uint8Array) => void;

/** One container that waits for its only call, with its own way out. */
export class Standing {
  readonly launched: Launched;
  readonly socket: EgressSocket | undefined;
  /** Nothing runs in it any more, and nothing goes out of it; only its remains are still removed. */
  readonly quiet: () => Promise<Ended>;
  /** Resolves when nothing is left of it. */
  readonly end: () => Promise<void>;
  #listener: Listener | undefined;
  #fault: Refusal | undefined;

  constructor(launched: Launched, socket: EgressSocket | undefined) {
    this.launched = launched;
    this.socket = socket;
    const kill = once(() => launched.kill());
    const shut = once(() => socket?.close() ?? Promise.resolve());
    this.quiet = once(async () => {
      void kill();
      const [ended] = await Promise.all([launched.ended, shut()]);
      return ended;
    });
    this.end = once(async () => {
      await Promise.all([kill(), shut()]);
    });
  }

  /** Why it cannot serve: it died or spoke before it was asked. */
  get fault(): Refusal | undefined {
    return this.#fault;
  }

  /** `spoilt` is called, never at once, when something is at fault before `claim`. */
  watch(spoilt: () => void): void {
    const fail = (fault: Refusal): void => {
      if (this.#listener || this.#fault) return;
      this.#fault = fault;
      setImmediate(spoilt);
    };
    this.launched.onOutput((stream, bytes) => {
      if (this.#listener) this.#listener(stream, bytes);
      else fail(new Refusal("SANDBOX_CRASH", spoke));
    });
    void this.launched.ended.then((ended) => fail(deathOf(ended)));
  }

  /** From now on what it says is the call's. */
  claim(listener: Listener): void {
    this.#listener = listener;
  }
}

/**
 * What is mounted goes by its path: something else may have come there since it was looked through.
 *
 * @throws {Refusal} as the launcher; `FILES_FAILED` where something else stands there. Nothing is left
 * then.
 */
export async function startStanding(
  cordon: Cordon,
  deps: StandingDeps,
  signal: AbortSignal,
): Promise<Standing> {
  const standing = await launch(cordon, deps, signal);
  if ((await deps.groundOf(cordon.mounts)) === cordon.ground) return standing;
  await standing.end();
  throw new Refusal("FILES_FAILED", "what is mounted was replaced while the container started");
}

async function launch(
  cordon: Cordon,
  { launcher, proxy }: StandingDeps,
  signal: AbortSignal,
): Promise<Standing> {
  const { pin, tier, limits, mounts, network } = cordon;
  const slot = randomBytes(16).toString("hex");
  const socket = network ? await proxy.open(slot) : undefined;
  try {
    const request = { pin, slot, tier, limits, mounts, network };
    return new Standing(await launcher.launch(request, signal), socket);
  } catch (error) {
    await socket?.close();
    throw error;
  }
}

/** An engine's own first process complains too, where it finds no program. */
const spoke =
  "a container spoke before it was asked: its image has no such program, or one that does not wait";

function deathOf({ lost, isOutOfMemory, exitCode }: Ended): Refusal {
  if (lost) return new Refusal("ENGINE_UNAVAILABLE");
  if (isOutOfMemory) return new Refusal("OOM");
  const code = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
  return new Refusal("GUEST_ERROR", `the tool's program ended before it was asked${code}`);
}
