import type { Readable, Writable } from "node:stream";

/** A request as a program said it to the proxy. Nothing of it has been checked. */
export interface ProgramRequest {
  readonly method: string;
  /** What stands between method and version in the first line. */
  readonly target: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Readable;
  /** Aborted when the program waits for no answer any more. */
  readonly signal: AbortSignal;
}

/** What the program is told: whole, or as it comes. */
export interface ProgramAnswer {
  readonly status: number;
  /** Names and values in turn. They say where the body ends if the server had said so. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer | SendsItself;
}

/** Resolves when all of it is there, and `to` has ended. */
export type SendsItself = (to: Writable) => Promise<void>;

/** Takes the answer; resolves when all of it has left. */
export type Tell = (answer: ProgramAnswer) => Promise<void>;
