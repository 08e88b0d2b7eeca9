import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { Cordon } from "../pool/cordon.ts";
import { Conversation } from "./conversation.ts";
import type { Service, ServiceInstance, ServiceOptions } from "./service.ts";
import { startService } from "./start-service.ts";

export interface ServicesOptions
  extends Pick<ServiceOptions, "launcher" | "proxy" | "onBug" | "wait"> {
  /** What stands at mounts now. */
  readonly groundOf: (mounts: readonly string[]) => Promise<string>;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
}

/** A service, and whose it is, while calls use it and for a while after. */
export interface Kept {
  readonly cordon: Cordon;
  readonly service: Service;
  /** What was said with this instance so far. */
  conversationWith(instance: ServiceInstance): Conversation;
}

interface Place extends Kept {
  users: number;
  usedAt: number;
}

/**
 * The services there are: one for each cordon that was called lately. Where there is no room the one
 * that nobody has used for longest makes place; one that serves never does.
 */
export class Services {
  readonly #options: ServicesOptions;
  readonly #places: Map<string, Place> = new Map();
  readonly #ending: Set<Promise<void>> = new Set();
  readonly #housekeeping: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: ServicesOptions) {
    this.#options = options;
    this.#housekeeping = setInterval(() => this.tick(), containerLimits.containerTickMs).unref();
  }

  /**
   * The cordon's service, started where there is none. Each has to be given back.
   *
   * @throws {Refusal} `SANDBOX_UNAVAILABLE` where as many serve as there may be.
   */
  take(cordon: Cordon): Kept {
    if (this.#isClosed) throw new Refusal("SANDBOX_UNAVAILABLE", "the sandbox is closed");
    const place = this.#places.get(cordon.key) ?? this.#start(cordon);
    place.users += 1;
    return place;
  }

  give({ cordon }: Kept): void {
    const place = this.#places.get(cordon.key);
    if (!place) return;
    place.users -= 1;
    place.usedAt = this.#options.now();
  }

  /** Ends what nobody has used for long. */
  tick(): void {
    const past = this.#options.now() - containerLimits.serviceIdleMs;
    for (const place of this.#places.values()) {
      if (place.users === 0 && place.usedAt <= past) this.#end(place);
    }
  }

  /** Resolves when none is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#housekeeping);
    for (const place of this.#places.values()) this.#end(place);
    await Promise.all(this.#ending);
  }

  #start(cordon: Cordon): Place {
    this.#makeRoom(cordon);
    const { pin, tier, limits, mounts, ground, network } = cordon;
    const conversations = new WeakMap<ServiceInstance, Conversation>();
    const conversationWith = (instance: ServiceInstance): Conversation => {
      const found = conversations.get(instance) ?? new Conversation(instance);
      conversations.set(instance, found);
      return found;
    };
    const service = startService({
      ...this.#options,
      request: { pin, tier, limits, mounts, network },
      // What is mounted goes by its path: one that shows something else than was looked through serves
      // nobody.
      isHealthy: async (instance, signal) =>
        (await this.#options.groundOf(mounts)) === ground &&
        (await conversationWith(instance).isHealthy(signal)),
    });
    const usedAt = this.#options.now();
    const place: Place = { cordon, service, conversationWith, users: 0, usedAt };
    this.#places.set(cordon.key, place);
    return place;
  }

  #makeRoom(cordon: Cordon): void {
    while (!this.#hasRoom(cordon)) {
      const isFull = this.#isFullFor(cordon.principal);
      const idle = [...this.#places.values()]
        .filter(({ users }) => users === 0)
        .filter((place) => !isFull || place.cordon.principal === cordon.principal);
      const [victim] = idle.sort((a, b) => a.usedAt - b.usedAt);
      if (!victim) throw new Refusal("SANDBOX_UNAVAILABLE", "as many services serve as may");
      this.#end(victim);
    }
  }

  #hasRoom({ principal, limits }: Cordon): boolean {
    const { services, containerShareBytes } = containerLimits;
    const all = [...this.#places.values()];
    const megabytes = all.reduce((sum, { cordon }) => sum + cordon.limits.memoryMb, 0);
    const fits = (megabytes + limits.memoryMb) * 1_048_576 <= services * containerShareBytes;
    return all.length < services && fits && !this.#isFullFor(principal);
  }

  /** Whoever opens session after session keeps nobody else out. */
  #isFullFor(principal: string): boolean {
    const own = [...this.#places.values()].filter(({ cordon }) => cordon.principal === principal);
    return own.length >= containerLimits.servicesPerPrincipal;
  }

  #end(place: Place): void {
    this.#places.delete(place.cordon.key);
    const ending = place.service.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
