import type { KeyKind } from "../store/store.ts";

/** Who holds a credential. Four kinds, none implying another. */
export interface Caller {
  /** The id of the key or the subject of the token: what the record names. */
  readonly actor: string;
  readonly kind: KeyKind;
  readonly principal: string;
  /** Set where the credential is good for one session alone. */
  readonly session?: string;
}

export interface Credentials {
  /** @throws {Refusal} `UNAUTHENTICATED`. */
  authenticate(bearer: string): Promise<Caller>;
}
