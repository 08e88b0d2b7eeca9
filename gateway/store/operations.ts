import type { Digest } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import type { Label } from "../../manifests/label.ts";
import type { RefusalCode, Ring } from "../../manifests/refusals.ts";
import type { Session } from "../../manifests/session.ts";
import type { Actor, Answerer, Checkpoint, Freeze, Intent, Key, Settlement } from "./store.ts";

/** What can be asked of the thread that writes. Each runs whole or not at all. */
export interface Operations {
  addKey(input: { readonly key: Key; readonly by: Actor }, at: number): void;
  revokeKey(input: { readonly id: string; readonly by: Actor }, at: number): boolean;
  openSession(input: NewSession, at: number): Session;
  addTurn(input: Turn, at: number): void;
  admit(input: Intent, at: number): void;
  settle(input: Settlement, at: number): void;
  recordFile(input: NamedFile, at: number): void;
  answerApproval(input: ApprovalAnswer, at: number): void;
  release(input: { readonly id: string; readonly by: Answerer }, at: number): void;
  freeze(input: FreezeOrder, at: number): void;
  thaw(input: { readonly what: Freeze; readonly by: Actor }, at: number): boolean;
  appendEvent(input: JsonObject, at: number): void;
  /** Erases payloads that have expired, a bounded number at a time. True where more may wait. */
  tend(input: null, at: number): boolean;
  checkpoint(input: null, at: number): Checkpoint;
  /** The last one of a writer. */
  stop(input: null, at: number): void;
}

export interface NewSession {
  readonly session: Session;
  readonly token: Key;
  readonly by: Actor;
}

export interface Turn {
  readonly session: string;
  readonly text: string;
  readonly by: Actor;
}

/** A file by its keyed names: neither its path nor its content can be read from them. */
export interface NamedFile {
  readonly path: Digest;
  readonly folder: Digest;
  /** Its path, and all the folders that it lies in. */
  readonly trees: readonly Digest[];
  readonly content: Digest;
  readonly label: Label;
  readonly call: string;
  readonly session: string;
}

export interface ApprovalAnswer {
  readonly id: string;
  readonly answer: "approved" | "denied";
  readonly by: Answerer;
}

export interface FreezeOrder {
  readonly what: Freeze;
  readonly reason: string;
  readonly by: Actor;
}

export type OperationKind = keyof Operations;

export interface Operation<Kind extends OperationKind = OperationKind> {
  readonly kind: Kind;
  readonly input: Parameters<Operations[Kind]>[0];
  readonly at: number;
}

/** How an operation ended, in a form that crosses threads. */
export type Answer =
  | { readonly kind: "done"; readonly value: unknown }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      readonly detail: string;
      readonly ring: Ring;
      readonly retryAfterSeconds: number | undefined;
    }
  /** A bug. */
  | { readonly kind: "failed"; readonly message: string };
