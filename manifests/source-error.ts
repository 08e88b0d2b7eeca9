/**
 * Something is wrong in a file that a person wrote. The message is one line:
 * `file:line:column: what is wrong (how to mend it)`.
 */
export class SourceError extends Error {
  override readonly name = "SourceError";

  constructor(place: SourcePlace, problem: Problem) {
    const { what, mend, cause } = problem;
    super(`${place.file}:${place.line}:${place.column}: ${what} (${mend})`, { cause });
  }
}

export interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

export interface Problem {
  readonly what: string;
  /** How to mend it, as an order: `remove the key`. */
  readonly mend: string;
  readonly cause?: unknown;
}

/** For what is wrong with a file as a whole. */
export function startOf(file: string): SourcePlace {
  return { file, line: 1, column: 1 };
}
