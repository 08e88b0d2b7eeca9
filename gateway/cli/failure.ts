import { CommanderError } from "commander";
import { Refusal, type RefusalCode, refusalEntry } from "../../manifests/refusals.ts";
import { SourceError } from "../../manifests/source-error.ts";
import { escapeText } from "./escape.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/**
 * Ends a command with one line and an exit code. The message says what is wrong and, in brackets,
 * the next step.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface Failure {
  /** One line without control characters; empty where everything has been said. */
  readonly line: string;
  readonly code: ExitCode;
}

/** What a command that threw leaves behind. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof CommandError) return failure(error.message, error.code);
  if (error instanceof SourceError) return failure(error.message, exitCodes.configuration);
  if (error instanceof Refusal) return explainRefusal(error);
  if (error instanceof CommanderError) {
    // Commander has printed its line already; help and version are no failures.
    return failure("", error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  }
  return explainOther(error);
}

/** Where the catalogue speaks to a client, a person at the keyboard has another next step. */
const nextSteps: Partial<Readonly<Record<RefusalCode, string>>> = {
  NOT_FOUND: "copy the id from the `list` of the same command",
  APPROVAL_MISMATCH: "see `ringward approvals list --all`",
};

function explainRefusal(refusal: Refusal): Failure {
  const mend = nextSteps[refusal.code] ?? refusalEntry(refusal.code).mend;
  return failure(`${refusal.message} (${mend}) [${refusal.code}]`, codeOf(refusal.code));
}

/** What is refused inside a call is its answer; these were refused around it. */
function codeOf(code: RefusalCode): ExitCode {
  if (code === "JSON_INVALID" || code === "REQUEST_INVALID") return exitCodes.usage;
  const { status } = refusalEntry(code);
  return status === 429 || status === 503 ? exitCodes.temporary : exitCodes.found;
}

/** System errors that the person at the keyboard can mend. */
const systemErrors: Readonly<Record<string, readonly [ExitCode, string]>> = {
  EADDRINUSE: [exitCodes.unavailable, "another process listens there: stop it, or change `listen`"],
  EADDRNOTAVAIL: [exitCodes.unavailable, "this machine has no such address: change `listen`"],
  EACCES: [exitCodes.configuration, "check the owner and the mode"],
  EPERM: [exitCodes.configuration, "check the owner and the mode"],
  ENOENT: [exitCodes.configuration, "check the path"],
  ENOTDIR: [exitCodes.configuration, "check the path"],
  EEXIST: [exitCodes.configuration, "it is in the way: choose another path"],
  EISDIR: [exitCodes.configuration, "name a file, not a folder"],
  EROFS: [exitCodes.configuration, "choose a folder on a disk that can be written"],
  ENOSPC: [exitCodes.temporary, "make room on the disk"],
  EMFILE: [exitCodes.temporary, "raise the limit of open files"],
};

function explainOther(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const known = systemError(error);
  if (known !== undefined) return failure(`${message} (${known[1]})`, known[0]);
  return failure(
    `${message} (this is a bug of Ringward: run it again with \`--debug\` and report what it prints)`,
    exitCodes.bug,
  );
}

/**
 * What a store, a workspace or a listener that cannot be used throws is a plain `Error` of one line
 * with its next step, and the deployment's to mend. Anything else keeps its kind.
 */
export async function orConfiguration<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const isPlain = error instanceof Error && error.constructor === Error && !("code" in error);
    if (!isPlain) throw error;
    const [code] = systemError(error.cause) ?? [exitCodes.configuration];
    throw new CommandError(code, error.message, error);
  }
}

function systemError(error: unknown): readonly [ExitCode, string] | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? systemErrors[code] : undefined;
}

function failure(message: string, code: ExitCode): Failure {
  const [line = ""] = message.split("\n");
  return { line: escapeText(line), code };
}
