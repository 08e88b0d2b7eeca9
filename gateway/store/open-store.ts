import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { type CommitQueue, openCommitQueue } from "./commit-queue.ts";
import { type FileNames, openFileNames } from "./file-names.ts";
import type { OperationKind, Operations } from "./operations.ts";
import { openReads, type Reads } from "./reads.ts";
import { readPayloadKey } from "./sealing.ts";
import type { ApprovalStore, FileStore, SessionStore, Store } from "./store.ts";
import { openTokenNames } from "./token-names.ts";
import type { WithheldStore } from "./withheld.ts";
import type { WriterRole } from "./writers.ts";

export interface StoreOptions {
  /** Holds the database and its keys; made where it is missing, for its owner alone. */
  readonly folder: string;
  readonly writer: WriterRole;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** `limits.recordReserveBytes` where it is left out. */
  readonly reserveBytes?: number;
  /** `limits.payloadSeconds` where it is left out. */
  readonly payloadSeconds?: number;
}

/**
 * Opens the embedded store. One gateway and several command lines may have it open at once, each
 * with a chain of its own in the record. What this writer left running when it died has become
 * `unknown` by the time this resolves.
 *
 * @throws {Error} one line: where, what, and how to mend it.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  makeFolder(options.folder);
  requireOwner(options.folder);
  const queue = await openQueue(options);
  const reads = openReads(options.folder, options.now);
  const key = readPayloadKey(options.folder);
  const write: Write = (kind, input) => queue.submit(kind, input, options.now());
  const stopTending = tendNowAndThen(write);
  let closed: Promise<void> | undefined;
  return {
    ...assemble(write, reads),
    files: fileStore(write, reads, openFileNames(key)),
    tokens: {
      name: openTokenNames(key),
      find: (session, id) => Promise.try(reads.tokens, session, id),
    },
    close() {
      stopTending();
      closed ??= close(queue, write, reads);
      return closed;
    },
  };
}

type Write = <Kind extends OperationKind>(
  kind: Kind,
  input: Parameters<Operations[Kind]>[0],
) => Promise<ReturnType<Operations[Kind]>>;

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const mend = "give it to the gateway's user, or choose another state folder";
    throw new Error(`${folder}: not a folder to write to: ${what} (${mend})`, { cause });
  }
}

/** Keys that root makes in another user's folder would lock that user out. */
function requireOwner(folder: string): void {
  const { uid } = statSync(folder);
  const own = process.getuid?.() ?? uid;
  if (own === uid) return;
  const what = `it belongs to user id ${uid}, and this runs as user id ${own}`;
  throw new Error(`${folder}: ${what} (run it as its owner: \`runuser -u NAME -- ringward …\`)`);
}

function openQueue(options: StoreOptions): Promise<CommitQueue> {
  return openCommitQueue({
    folder: options.folder,
    role: options.writer,
    at: options.now(),
    reserveBytes: options.reserveBytes ?? limits.recordReserveBytes,
    payloadSeconds: options.payloadSeconds ?? limits.payloadSeconds,
  });
}

function assemble(write: Write, reads: Reads): Omit<Store, "close" | "files" | "tokens"> {
  return {
    keys: {
      add: (key, by) => write("addKey", { key, by }),
      find: (hash) => Promise.try(reads.keys.find, hash),
      list: () => Promise.try(reads.keys.list),
      revoke: (id, by) => write("revokeKey", { id, by }),
    },
    sessions: sessionStore(write, reads),
    calls: {
      admit: (intent) => write("admit", intent),
      settle: (settlement) => write("settle", settlement),
      find: (id) => Promise.try(reads.calls.find, id),
      findIdempotent: (session, key) => Promise.try(reads.calls.findIdempotent, session, key),
      list: (filter) => Promise.try(reads.calls.list, filter),
    },
    approvals: approvalStore(write, reads),
    withheld: withheldStore(write, reads),
    freezes: {
      freeze: (what, reason, by) => write("freeze", { what, reason, by }),
      thaw: (what, by) => write("thaw", { what, by }),
      list: () => Promise.try(reads.freezes),
    },
    record: {
      append: (event) => write("appendEvent", event),
      checkpoint: () => write("checkpoint", null),
    },
  };
}

function sessionStore(write: Write, reads: Reads): SessionStore {
  return {
    open: (session, token, by) => write("openSession", { session, token, by }),
    addTurn: (session, text, by) => write("addTurn", { session, text, by }),
    find: (id) => Promise.try(reads.sessions.find, id),
    log: (session, after) => reads.sessions.log(session, after),
  };
}

function approvalStore(write: Write, reads: Reads): ApprovalStore {
  return {
    find: (id) => Promise.try(reads.approvals.find, id),
    findByFacts: (session, facts) => Promise.try(reads.approvals.findByFacts, session, facts),
    list: (status) => Promise.try(reads.approvals.list, status),
    async answer(id, answer, by) {
      await write("answerApproval", { id, answer, by });
      const approval = reads.approvals.find(id);
      if (approval === undefined) throw new Refusal("NOT_FOUND", "there is no such approval");
      return { ...approval, status: answer };
    },
  };
}

function withheldStore(write: Write, reads: Reads): WithheldStore {
  return {
    find: (id) => Promise.try(reads.withheld.find, id),
    list: () => Promise.try(reads.withheld.list),
    async release(id, by) {
      await write("release", { id, by });
      const found = reads.withheld.find(id);
      if (found === undefined) throw new Refusal("NOT_FOUND", "there is no such reference");
      const { output: _, ...withheld } = found;
      return withheld;
    },
  };
}

function fileStore(write: Write, reads: Reads, names: FileNames): FileStore {
  return {
    record: ({ path, folder, trees, content, ...rest }) =>
      write("recordFile", {
        ...rest,
        path: names("path", path),
        folder: names("folder", folder),
        trees: trees.map((tree) => names("tree", tree)),
        content: names("content", content),
      }),
    find: (path, content) =>
      Promise.try(reads.files.find, names("path", path), names("content", content)),
    highestIn: (folder) => Promise.try(reads.files.highestIn, names("folder", folder)),
    joinOf: (tree) => Promise.try(reads.files.joinOf, names("tree", tree)),
  };
}

/** Erases what has expired, and lets a checkpoint come due that no call brings about. */
function tendNowAndThen(write: Write): () => void {
  const tend = (): void => {
    // A store that cannot write now is asked again.
    tendAll(write).catch(() => undefined);
  };
  const timer = setInterval(tend, limits.checkpointMs).unref();
  tend();
  return () => clearInterval(timer);
}

async function tendAll(write: Write): Promise<void> {
  while (await write("tend", null));
}

/** A stop that cannot be written is told from the record as one that was not: by its absence. */
async function close(queue: CommitQueue, write: Write, reads: Reads): Promise<void> {
  await write("stop", null).catch(() => undefined);
  // Before the thread's connection, which as the last one tidies the file up.
  reads.close();
  await queue.close();
}
