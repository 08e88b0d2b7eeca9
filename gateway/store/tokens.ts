import type { Integrity } from "../../manifests/label.ts";

/** What a token stands for. */
export interface NewToken {
  readonly id: string;
  /** Of the finding for which it was redacted. */
  readonly kind: string;
  readonly value: string;
}

export interface KnownToken extends NewToken {
  /** Of the output that it stood in; of several, the weakest. */
  readonly integrity: Integrity;
}

export interface TokenStore {
  /**
   * An id that nobody guesses who has not the store's key. In one session the same value of the same
   * kind has the same one, and in another session another one.
   */
  name(session: string, kind: string, value: string): string;
  /** Undefined where this session has no such token, any more or at all. */
  find(session: string, id: string): Promise<KnownToken | undefined>;
}
