import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Cordon } from "./cordon.ts";
import type { Standing } from "./standing.ts";

export interface FleetOptions {
  /** At most: those that start and those that still end are counted. */
  readonly containers: number;
  /** @throws {Error} where none can be started; nothing is left of it then. */
  start(cordon: Cordon, signal: AbortSignal): Promise<Standing>;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
}

/** What happens in a fleet, never at once. */
export interface FleetEvents {
  /** One waits that did not, or a place has become free. */
  changed(): void;
  /** One did not start, or spoilt before its call. */
  failed(cordon: Cordon, reason: unknown): void;
}

/** One container's place: it is free again when nothing is left of it. */
interface Place {
  readonly cordon: Cordon;
  state: "starts" | "waits" | "serves" | "ends";
  standing?: Standing;
  waitsSince: number;
}

/** The containers there are. Who gets which is not decided here. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #events: FleetEvents;
  /** Those that have waited longest first. */
  readonly #places: Set<Place> = new Set();
  readonly #underWay: Set<Promise<void>> = new Set();
  readonly #closing: AbortController = new AbortController();

  constructor(options: FleetOptions, events: FleetEvents) {
    this.#options = options;
    this.#events = events;
  }

  count(state: Place["state"], key?: string): number {
    let count = 0;
    for (const place of this.#places) {
      if (place.state === state && (key === undefined || place.cordon.key === key)) count += 1;
    }
    return count;
  }

  /** Whether there will be room for these when all that end have ended, and nobody else comes. */
  fits(cordons: readonly Cordon[]): boolean {
    return this.#hasRoom(cordons, ({ state }) => state !== "ends");
  }

  /** Whether there is room now, also among those that start. */
  fitsNow(cordon: Cordon): boolean {
    if (this.count("starts") >= containerLimits.containerStarts) return false;
    return this.#hasRoom([cordon], () => true);
  }

  start(cordon: Cordon): void {
    const place: Place = { cordon, state: "starts", waitsSince: 0 };
    this.#places.add(place);
    this.#track(this.#start(place));
  }

  /** One of the cordon that waits, the longest waiting first; from now on it serves. */
  employ({ key }: Cordon): Standing | undefined {
    for (const place of this.#places) {
      if (place.state !== "waits" || place.cordon.key !== key) continue;
      place.state = "serves";
      return place.standing;
    }
    return undefined;
  }

  /** One of those that wait, as `prefer` puts them in order; it ends. */
  evict(prefer: (a: Cordon, b: Cordon) => number): boolean {
    const waiting = [...this.#places].filter(({ state }) => state === "waits");
    const [victim] = waiting.sort((a, b) => prefer(a.cordon, b.cordon));
    if (victim) this.#end(victim);
    return victim !== undefined;
  }

  release(standing: Standing): void {
    for (const place of this.#places) if (place.standing === standing) this.#end(place);
  }

  endIdle(): void {
    const now = this.#options.now();
    for (const place of this.#places) {
      const isIdle = now - place.waitsSince >= containerLimits.containerIdleMs;
      if (place.state === "waits" && isIdle) this.#end(place);
    }
  }

  /** Resolves when no container is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const place of this.#places) if (place.standing) this.#end(place);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #hasRoom(more: readonly Cordon[], counts: (place: Place) => boolean): boolean {
    const all = [...this.#places].filter(counts).map(({ cordon }) => cordon);
    all.push(...more);
    const megabytes = all.reduce((sum, { limits }) => sum + limits.memoryMb, 0);
    const { containers } = this.#options;
    const fits = megabytes * 1_048_576 <= containers * containerLimits.containerShareBytes;
    return all.length <= containers && fits;
  }

  async #start(place: Place): Promise<void> {
    const { cordon } = place;
    try {
      place.standing = await this.#options.start(cordon, this.#closing.signal);
    } catch (reason) {
      this.#places.delete(place);
      this.#events.failed(cordon, reason);
      return;
    }
    place.state = "waits";
    place.waitsSince = this.#options.now();
    place.standing.watch(() => this.#spoilt(place));
    if (this.#closing.signal.aborted) this.#end(place);
  }

  /** Of one that serves, its call takes notice. */
  #spoilt(place: Place): void {
    if (place.state !== "waits") return;
    this.#events.failed(place.cordon, place.standing?.fault);
    this.#end(place);
  }

  #end(place: Place): void {
    if (place.state === "ends" || !place.standing) return;
    place.state = "ends";
    // What fails at the end of a call is its call's to tell; the place is free either way.
    const ending = place.standing.end().catch(() => undefined);
    this.#track(ending.then(() => void this.#places.delete(place)));
  }

  #track(doing: Promise<void>): void {
    const done = doing.finally(() => {
      this.#underWay.delete(done);
      this.#events.changed();
    });
    this.#underWay.add(done);
  }
}
