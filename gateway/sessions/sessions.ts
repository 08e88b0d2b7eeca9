import { limits } from "../../manifests/limits.ts";
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
  const indexes = new Map<string, ProvenanceIndex>();
  return {
    async view(id) {
      const session = await store.find(id);
      if (session === undefined) return undefined;
      const index = mostRecent(indexes, id);
      index.add(await store.log(id, index.sequence));
      return { session, index };
    },
  };
}

/** A Map remembers insertion order, so taking out and putting back makes it a queue by use. */
function mostRecent(indexes: Map<string, ProvenanceIndex>, id: string): ProvenanceIndex {
  const index = indexes.get(id) ?? new ProvenanceIndex();
  indexes.delete(id);
  indexes.set(id, index);
  const [oldest] = indexes.keys();
  if (indexes.size > limits.sessionsInMemory && oldest !== undefined) indexes.delete(oldest);
  return index;
}
