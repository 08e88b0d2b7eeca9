import type { Database } from "better-sqlite3";
import { prepareAdmit } from "./admit.ts";
import { prepareAnswer } from "./approval-writes.ts";
import { prepareFileWrites } from "./file-writes.ts";
import { prepareFreezeWrites } from "./freeze-writes.ts";
import { prepareKeyWrites } from "./key-writes.ts";
import type { Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import { prepareTend } from "./payload-writes.ts";
import { prepareSessionWrites } from "./session-writes.ts";
import { prepareSettle } from "./settle.ts";
import { prepareRelease } from "./withheld-writes.ts";
import { releaseWriter } from "./writers.ts";

/** A checkpoint is no handler: it is signed last, over everything in the batch. */
export type Handlers = Omit<Operations, "checkpoint">;

/** What each operation does, inside the transaction of its batch. */
export function prepareHandlers(db: Database, ledger: Ledger): Handlers {
  return {
    ...prepareKeyWrites(db, ledger),
    ...prepareSessionWrites(db, ledger),
    admit: prepareAdmit(db, ledger),
    settle: prepareSettle(db, ledger),
    answerApproval: prepareAnswer(db, ledger),
    release: prepareRelease(db, ledger),
    ...prepareFileWrites(db, ledger),
    ...prepareFreezeWrites(db, ledger),
    appendEvent(event, at) {
      const { kind } = event;
      const name = typeof kind === "string" ? kind : "other";
      ledger.append({ at, kind: `event.${name}`, content: {}, details: event });
    },
    tend: prepareTend(db, ledger),
    stop(_, at) {
      releaseWriter(db, ledger.writer);
      ledger.append({ at, kind: "writer.stop", content: {} });
    },
  };
}
