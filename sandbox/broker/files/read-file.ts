import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { cleanLabel } from "../../../manifests/label.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../create-broker.ts";
import { contentOf, type FileAsked, type FileDone, inFolderOf } from "./file-request.ts";
import { type Found, look, refuseUnlessPlainFile } from "./open-beneath.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Hands a file's text in, and with it the file's label. */
export async function readFile(asked: FileAsked, context: DoorContext): Promise<FileDone> {
  try {
    return await read(asked, context);
  } catch (error) {
    // That there is none, or that it is so large, is told all the same.
    const folder = asked.segments.slice(0, -1).join("/") || ".";
    const { confidentiality } = await context.labels.ofFolder(folder);
    context.handIn({ ...cleanLabel, confidentiality });
    throw error;
  }
}

async function read({ segments }: FileAsked, context: DoorContext): Promise<FileDone> {
  return await inFolderOf(segments, context, async (folder, name) => {
    const found = await look(folder, name);
    if (!found) throw new Refusal("FILES_FAILED", "there is no such file");
    const bytes = await readFound(found, context).finally(() => found.handle.close());
    // Of the very bytes that are handed in, whatever the file holds by now.
    context.handIn(await context.labels.ofFile(segments.join("/"), contentOf(bytes)));
    return { value: utf8.decode(bytes), bytes: bytes.length };
  });
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
