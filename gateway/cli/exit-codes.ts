/** What a script is told. The table stands in `docs/cli.md` too; a test holds them together. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** A check found something, or the call was refused. */
  found: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The call waits for a person. */
  pending: 3,
  /** The call was begun, and nobody knows how it ended. */
  unknown: 4,
  /** Something that the command needs is not there: an address in use, a sandbox, a recording. */
  unavailable: 69,
  /** A bug of Ringward. */
  bug: 70,
  /** Trying again later may help. */
  temporary: 75,
  /** Configuration, policies, manifests or the store are wrong. */
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
