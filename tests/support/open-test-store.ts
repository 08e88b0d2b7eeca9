import type { Test } from "tap";
import { openStore, type StoreOptions } from "../../gateway/store/open-store.ts";
import type { Store } from "../../gateway/store/store.ts";
import { sampleKey, sampleNow, sampleSession } from "../../gateway/store/testing.ts";
import type { Session } from "../../manifests/session.ts";

/** A store in a folder of the test's own, with a clock that stands still. */
export interface OpenedStore {
  readonly store: Store;
  readonly folder: string;
  readonly clock: { now: number };
  session(id: string, change?: Partial<Session>): Promise<Session>;
}

export async function openTestStore(
  t: Test,
  options: Partial<StoreOptions> = {},
): Promise<OpenedStore> {
  const folder = t.testdir();
  const clock = { now: sampleNow };
  const store = await openStore({ folder, writer: "gateway", now: () => clock.now, ...options });
  t.teardown(() => store.close());
  const session = (id: string, change: Partial<Session> = {}): Promise<Session> =>
    store.sessions.open(sampleSession(id, change), sampleKey(`token-${id}`, { session: id }), "h");
  return { store, folder, clock, session };
}

/** The codes that `tries` attempts at once were refused with, and how many were not. */
export async function race(
  tries: number,
  attempt: (index: number) => Promise<unknown>,
): Promise<{ done: number; codes: Set<string> }> {
  const ended = await Promise.allSettled(
    Array.from({ length: tries }, (_, index) => attempt(index)),
  );
  const refused = ended.flatMap((end) =>
    end.status === "rejected" ? [String(end.reason.code)] : [],
  );
  return {
    done: ended.filter((end) => end.status === "fulfilled").length,
    codes: new Set(refused),
  };
}
