import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { cleanLabel } from "../../../manifests/label.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import type { FileDone } from "./booked.ts";
import { contentOf, type FileAsked, inFolderOf } from "./file-request.ts";
import { type Found, look, refuseUnlessPlainFile, versionOf } from "./open-beneath.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Hands a file's text in, and with it the file's label. */
export async function readFile({ segments }: FileAsked, context: DoorContext): Promise<FileDone> {
  const file = await readWhole(segments, context);
  if (file === undefined) throw new Refusal("FILES_FAILED", "there is no file of this name");
  return { value: utf8.decode(file.bytes), bytes: file.bytes.length };
}

interface WholeFile {
  readonly bytes: Buffer;
  readonly version: string;
}

/** Hands a file in, and with it the file's label; undefined where there is none, or a folder. */
export async function readWhole(
  segments: readonly string[],
  context: DoorContext,
): Promise<WholeFile | undefined> {
  let file: WholeFile | undefined;
  try {
    file = await inFolderOf(segments, context, (folder, name) => read(folder, name, context));
  } finally {
    // That there is none, or that it is so large, is told all the same.
    if (file === undefined) await handInAbsence(segments, context);
  }
  if (file === undefined) return undefined;
  // Of the very bytes that are handed in, whatever the file holds by now.
  context.handIn(await context.labels.ofFile(segments.join("/"), contentOf(file.bytes)));
  return file;
}

async function handInAbsence(segments: readonly string[], context: DoorContext): Promise<void> {
  const folder = segments.slice(0, -1).join("/") || ".";
  const { confidentiality } = await context.labels.ofFolder(folder);
  context.handIn({ ...cleanLabel, confidentiality });
}

async function read(
  folder: FileHandle,
  name: string,
  context: DoorContext,
): Promise<WholeFile | undefined> {
  const found = await look(folder, name);
  if (!found) return undefined;
  try {
    if (found.stat.isDirectory()) return undefined;
    return { bytes: await readFound(found, context), version: versionOf(found.stat) };
  } finally {
    await found.handle.close();
  }
}

async function readFound({ handle, stat }: Found, context: DoorContext): Promise<Buffer> {
  await refuseUnlessPlainFile(stat, context);
  const size = Number(stat.size);
  if (size > limits.fileBytes) throw new Refusal("FILES_FAILED", "the file is too large");
  context.quota.take("bytes to read", size);
  // The very file that was looked at, whatever its name leads to by now.
  const file = await open(`/proc/self/fd/${handle.fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // One byte more than there is: a file can grow while it is read.
    const buffer = Buffer.alloc(size + 1);
    const length = await fill(file, buffer);
    if (length > size) throw new Refusal("FILES_FAILED", "the file grew while it was read");
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle, buffer: Buffer): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}
