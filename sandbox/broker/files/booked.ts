import type { JsonValue } from "../../../manifests/json.ts";
import type { FsPermission } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import { refuseProtectedPath } from "./open-beneath.ts";

export interface FileDone<T = JsonValue> {
  readonly value: T;
  readonly bytes: number;
}

/** What is done at the files door, in the words of the book. */
export interface FileDeed {
  readonly action: FsPermission["access"] | "mount";
  readonly target: string;
}

/**
 * Does it, and books it however it ends.
 *
 * @throws {Refusal}
 */
export async function booked<T>(
  deed: FileDeed,
  context: DoorContext,
  doing: () => Promise<FileDone<T>>,
): Promise<T> {
  try {
    const { value, bytes } = await doing();
    context.book({ door: "files", ...deed, bytes });
    return value;
  } catch (error) {
    const refusal = refusalOf(error);
    context.book({ door: "files", ...deed, bytes: 0, code: refusal.code });
    throw refusal;
  }
}

/** Waits for its turn among the requests of all calls. @throws {Refusal} */
export async function inTurn<T>(
  segments: readonly string[],
  context: DoorContext,
  doing: () => Promise<T>,
): Promise<T> {
  return await context.filesGate.pass(async () => {
    // It may have waited till its call was over.
    if (context.signal.aborted) throw new Refusal("CANCELLED");
    await refuseProtectedPath(segments, context);
    return await doing();
  });
}

/** What the system says becomes a refusal without the path: that one is the gateway's own. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { code } = error as { code?: unknown };
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
    return new Refusal("FILES_FAILED", "the file is not UTF-8 text", { cause: error });
  }
  if (typeof code !== "string") throw error;
  return new Refusal("FILES_FAILED", sayings[code] ?? "the system refuses this", { cause: error });
}

const sayings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "this is a folder",
  ENOSPC: "there is no room left",
  EDQUOT: "there is no room left",
  EACCES: "the system does not let the gateway do this",
  ENAMETOOLONG: "a name in the path is too long",
};
