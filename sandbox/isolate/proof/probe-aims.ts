import type { Snares } from "./probe-snares.ts";

/** What a probe is told to go for; one word on its command line, as JSON. */
export interface Aims extends Snares {
  /** Files outside of the jail: nothing of them may be seen or changed. */
  readonly files: readonly string[];
  readonly processes: number;
  readonly descriptors: number;
  readonly bytes: number;
}
