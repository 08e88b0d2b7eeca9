import { setImmediate } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Digest } from "../../../manifests/digest.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import { booked, inTurn, refusalOf } from "./booked.ts";
import { contentOf, type FileAsked, inFolderOf, permit } from "./file-request.ts";
import { look, segmentsOf, versionOf } from "./open-beneath.ts";
import { readWhole } from "./read-file.ts";
import { prepareWrite, type ReadyFile } from "./write-file.ts";

/** What a call was given to change, by path; undefined where there was no file. */
export type CopiedFiles = Map<string, CopiedFile | undefined>;

interface CopiedFile {
  readonly content: Digest;
  readonly version: string;
}

/** A file to read and to change; undefined where there is none, or a folder. Booked as read. */
export async function copyIn(path: string, context: DoorContext): Promise<Buffer | undefined> {
  return await booked({ action: "read", target: targetOf(path) }, context, async () => {
    const segments = segmentsOf(path);
    permit(segments, "read", context);
    permit(segments, "write", context);
    const file = await inTurn(segments, context, () => readWhole(segments, context));
    context.copied.set(path, file && { content: contentOf(file.bytes), version: file.version });
    return { value: file?.bytes, bytes: file?.bytes.length ?? 0 };
  });
}

/**
 * Writes what was changed. Whatever can be refused is refused before the first file has its name;
 * after that only the disk, or the end of the call, can stop between two of them.
 */
export async function copyOut(
  files: ReadonlyMap<string, Buffer>,
  context: DoorContext,
): Promise<void> {
  refuseTooMuch(files);
  const changed = [...files].filter(([path, data]) => !isAsCopied(path, data, context));
  for (const [path, data] of context.secrets.areGiven ? changed : []) {
    context.refuseHandles(`${path}\n${data.toString("latin1")}`, "files.write");
    // A large one takes some time, and the others have their turn in between.
    await setImmediate();
  }
  // One call's after the other: what is as it was copied in then stays so until it is replaced.
  await context.copyOutGate.pass(() => writeAll(changed, context));
}

type File = readonly [path: string, data: Buffer];

async function writeAll(files: readonly File[], context: DoorContext): Promise<void> {
  const ready: ReadyFile[] = [];
  try {
    for (const file of files) ready.push(await prepare(file, context));
    for (const [index, [path, { length }]] of files.entries()) {
      await booked({ action: "write", target: targetOf(path) }, context, async () => {
        await ready[index]?.place();
        return { value: undefined, bytes: length };
      });
    }
  } finally {
    await Promise.all(ready.map((one) => one.close()));
  }
}

/** Booked only where it is refused: the others are when they have their names. */
async function prepare([path, data]: File, context: DoorContext): Promise<ReadyFile> {
  try {
    const asked = { segments: segmentsOf(path), data };
    permit(asked.segments, "write", context);
    return await inTurn(asked.segments, context, async () => {
      if (context.copied.has(path)) await refuseChanged(asked, context);
      return await prepareWrite(asked, context);
    });
  } catch (error) {
    return await booked({ action: "write", target: targetOf(path) }, context, () => {
      throw refusalOf(error);
    });
  }
}

function refuseTooMuch(files: ReadonlyMap<string, Buffer>): void {
  const bytes = files.values().reduce((sum, { length }) => sum + length, 0);
  if (files.size > containerLimits.scratchFiles || bytes > containerLimits.scratchBytes) {
    throw new Refusal("FILES_FAILED", "the program left more files than a call may");
  }
}

function isAsCopied(path: string, data: Buffer, { copied }: DoorContext): boolean {
  return copied.get(path)?.content === contentOf(data);
}

/** What this call has not seen it shall not undo. */
async function refuseChanged({ segments }: FileAsked, context: DoorContext): Promise<void> {
  const now = await inFolderOf(segments, context, async (folder, name) => {
    const found = await look(folder, name);
    await found?.handle.close();
    return found && versionOf(found.stat);
  });
  if (now === context.copied.get(segments.join("/"))?.version) return;
  throw new Refusal("FILES_FAILED", "the file was changed while the call ran");
}

function targetOf(path: string): string {
  return path.slice(0, limits.pathChars);
}
