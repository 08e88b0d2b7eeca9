import { limits } from "../../manifests/limits.ts";
import { Lru } from "../../manifests/lru.ts";
import type { Session } from "../../manifests/session.ts";
import type { SessionStore } from "../store/store.ts";
import { ProvenanceIndex } from "./provenance/provenance-index.ts";

/** A session at one moment: its row, and where every value in it was seen. */
export interface SessionView {
  readonly session: Session;
  readonly index: ProvenanceIndex;
}

export interface Sessions {
  /** Fresh from the store; undefined where there is no such session. */
  view(id: string): Promise<SessionView | undefined>;
}

/**
 * Sessions over a store. The store's log is the truth; the index over it is kept in memory, read on
 * from where it stood, and rebuilt after it was pushed out.
 */
export function createSessions(store: SessionStore): Sessions {
  const readers = new Lru<string, LogReader>(limits.sessionsInMemory);
  return {
    async view(id) {
      const session = await store.find(id);
      if (session === undefined) return undefined;
      const reader = readers.get(id) ?? new LogReader(id, store);
      readers.set(id, reader);
      return { session, index: await reader.upToDate() };
    },
  };
}

/** Reads one session's log into its index, each entry once, however many calls want it. */
class LogReader {
  readonly #index = new ProvenanceIndex();
  readonly #session: string;
  readonly #store: Pick<SessionStore, "log">;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(session: string, store: Pick<SessionStore, "log">) {
    this.#session = session;
    this.#store = store;
  }

  /** The index with every entry that was durable when this was called. */
  async upToDate(): Promise<ProvenanceIndex> {
    // A reading under way may have begun before the newest entry; whoever comes now shares the next.
    this.#next ??= this.#reading.then(() => this.#read());
    await this.#next;
    return this.#index;
  }

  #read(): Promise<void> {
    this.#next = undefined;
    this.#reading = this.#readOn();
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    this.#index.add(await this.#store.log(this.#session, this.#index.sequence));
  }
}
