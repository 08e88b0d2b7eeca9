import { constants } from "node:fs";
import { access, type FileHandle } from "node:fs/promises";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import type { FileDone } from "./booked.ts";
import { type Draft, refuseFullDisk, writeDraft } from "./draft.ts";
import { contentOf, type FileAsked } from "./file-request.ts";
import { look, openFolder, refuseUnlessPlainFile } from "./open-beneath.ts";

/** Writes a file whole or not at all, under the label of what the call knows. */
export async function writeFile(asked: FileAsked, context: DoorContext): Promise<FileDone> {
  const { length } = asked.data;
  const ready = await prepareWrite(asked, context);
  await ready.place().finally(() => ready.close());
  return { value: { bytes: length }, bytes: length };
}

/** A file that is on the disk in full, in a draft, and needs nothing more but its name. */
export interface ReadyFile {
  place(): Promise<void>;
  /** Removes the draft where it was not placed. */
  close(): Promise<void>;
}

/** @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`. */
export async function prepareWrite(asked: FileAsked, context: DoorContext): Promise<ReadyFile> {
  const { segments, data } = asked;
  const name = segments.at(-1);
  if (name === undefined) throw new Refusal("FILES_FAILED", "this is a folder");
  if (data.length > limits.fileBytes) throw new Refusal("FILES_FAILED", "the file is too large");
  context.quota.take("files to write", 1);
  context.quota.take("bytes to write", data.length);
  const { reserveBytes = limits.workspaceReserveBytes, workspace } = context;
  await refuseFullDisk(workspace, reserveBytes);
  const folder = await openFolder(segments.slice(0, -1), context);
  try {
    const draft = await writeDraft(data, await modeFor(folder, name, context), context);
    return readyFile({ asked, folder, name, draft }, context);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

interface Drafted {
  readonly asked: FileAsked;
  readonly folder: FileHandle;
  readonly name: string;
  readonly draft: Draft;
}

function readyFile({ asked, folder, name, draft }: Drafted, context: DoorContext): ReadyFile {
  return {
    async place() {
      await recordLabel(asked, context);
      if (context.signal.aborted) throw new Refusal("CANCELLED");
      await draft.moveTo(folder, name);
    },
    async close() {
      await draft.close().finally(() => folder.close());
    },
  };
}

/**
 * The permission bits of the file that is replaced; never those that lend its owner's rights. A new
 * one may be read by whoever may enter the workspace: the user of containers is none of ours.
 */
async function modeFor(folder: FileHandle, name: string, context: DoorContext): Promise<number> {
  const found = await look(folder, name);
  if (!found) return 0o644;
  try {
    await refuseUnlessPlainFile(found.stat, context);
    const mode = Number(found.stat.mode & 0o777n);
    // Replacing a file asks the folder alone, and root is asked nothing at all.
    if ((mode & 0o222) === 0) throw new Refusal("FILES_FAILED", "the file is read-only");
    await access(`/proc/self/fd/${found.handle.fd}`, constants.W_OK);
    return mode;
  } finally {
    await found.handle.close();
  }
}

/** Before the file has its name: a crash in between leaves a label without a file, never the reverse. */
async function recordLabel({ segments, data }: FileAsked, context: DoorContext): Promise<void> {
  const { call, session } = context.grant;
  const known = { content: contentOf(data), label: context.known() };
  const file = { path: segments.join("/"), ...known, call, session };
  await context.labels.record(file).catch((cause: unknown) => {
    if (!(cause instanceof Refusal)) throw cause;
    throw new Refusal("FILES_FAILED", "the label of the file cannot be kept", { cause });
  });
}
