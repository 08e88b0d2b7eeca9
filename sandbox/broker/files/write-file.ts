import { constants } from "node:fs";
import { access, type FileHandle } from "node:fs/promises";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../create-broker.ts";
import { refuseFullDisk, writeDraft } from "./draft.ts";
import { contentOf, type FileAsked, type FileDone, inFolderOf } from "./file-request.ts";
import { look, refuseUnlessPlainFile } from "./open-beneath.ts";

/** Writes a file whole or not at all, under the label of what the call knows. */
export async function writeFile(
  { segments, text }: FileAsked,
  context: DoorContext,
): Promise<FileDone> {
  const data = Buffer.from(text, "utf8");
  if (data.length > limits.fileBytes) throw new Refusal("FILES_FAILED", "the text is too large");
  context.quota.take("files to write", 1);
  context.quota.take("bytes to write", data.length);
  const { reserveBytes = limits.workspaceReserveBytes, workspace } = context;
  await refuseFullDisk(workspace, reserveBytes);
  return await inFolderOf(segments, context, async (folder, name) => {
    const draft = await writeDraft(data, await modeFor(folder, name, context), context);
    try {
      await recordLabel(segments.join("/"), data, context);
      if (context.signal.aborted) throw new Refusal("CANCELLED");
      await draft.moveTo(folder, name);
    } finally {
      await draft.close();
    }
    return { value: { bytes: data.length }, bytes: data.length };
  });
}

/** The permission bits of the file that is replaced; never those that lend its owner's rights. */
async function modeFor(folder: FileHandle, name: string, context: DoorContext): Promise<number> {
  const found = await look(folder, name);
  if (!found) return 0o600;
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
async function recordLabel(path: string, data: Buffer, context: DoorContext): Promise<void> {
  const { call, session } = context.grant;
  const file = { path, content: contentOf(data), label: context.known(), call, session };
  await context.labels.record(file).catch((cause: unknown) => {
    if (!(cause instanceof Refusal)) throw cause;
    throw new Refusal("FILES_FAILED", "the label of the file cannot be kept", { cause });
  });
}
