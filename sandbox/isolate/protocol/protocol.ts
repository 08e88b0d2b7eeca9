/**
 * What the gateway says to a worker: one `StartFrame`, then for each call a `CallFrame` and as many
 * `AnswersFrame`s as the worker asks for. What the worker says is read in `said.ts`.
 */
export interface StartFrame {
  /** Unguessable; the answer carries it too. */
  readonly channel: string;
  readonly memoryMb: number;
}

export interface CallFrame extends StartFrame {
  /** Number of a bundle, and its text when this worker has not had it yet. */
  readonly code: number;
  readonly source?: string;
  readonly input: string;
  readonly wallMs: number;
  /** A `GuestStart` as JSON text; the worker hands it on unread. */
  readonly start: string;
}

export interface AnswersFrame {
  readonly channel: string;
  /** The guest's clock from here on, in milliseconds since 1970. */
  readonly now: number;
  /** Answers to requests as JSON text; the worker hands it on unread. */
  readonly answers: string;
}

/** What the guest is told beside its code and its arguments. */
export interface GuestStart {
  /** Where the guest's clock starts, in milliseconds since 1970. */
  readonly now: number;
  /** Four whole numbers of 32 bits: all randomness of the guest comes out of them. */
  readonly seed: readonly number[];
  readonly outputChars: number;
  readonly logChars: number;
  readonly hostCalls: number;
  readonly requestChars: number;
}
