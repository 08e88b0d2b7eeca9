import { hash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { access, type FileHandle, lstat, open, opendir } from "node:fs/promises";
import { z } from "zod";
import type { Digest } from "../../manifests/digest.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { type FsPermission, pathWithin } from "../../manifests/permissions.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { DoorContext } from "./create-broker.ts";
import { refuseFullDisk, writeDraft } from "./draft.ts";
import {
  draftFolder,
  type Found,
  look,
  openFolder,
  refuseProtectedPath,
  refuseUnlessPlainFile,
  segmentsOf,
  within,
} from "./open-beneath.ts";

export type FilesRequest = "files.read" | "files.write" | "files.list";

interface Asked {
  readonly segments: readonly string[];
  readonly text: string;
}

interface Done {
  readonly value: JsonValue;
  readonly bytes: number;
}

/**
 * Reads, writes or lists beneath the workspace, within the grant. Each request is booked.
 *
 * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`, `CANCELLED`.
 */
export async function requestFiles(
  name: FilesRequest,
  args: JsonValue,
  context: DoorContext,
): Promise<JsonValue> {
  const action = name.slice("files.".length) as FsPermission["access"];
  const entry = { door: "files", action, target: targetOf(args) } as const;
  try {
    const asked = parseAsked(action, args);
    permit(asked, action, context);
    await refuseProtectedPath(asked.segments, context);
    const { value, bytes } = await verbs[action](asked, context);
    context.book({ ...entry, bytes });
    return value;
  } catch (error) {
    const refusal = refusalOf(error);
    context.book({ ...entry, bytes: 0, code: refusal.code });
    throw refusal;
  }
}

const verbs = { read, write, list } as const;

const pathArgs = z.strictObject({ path: z.string() });
const writeArgs = z.strictObject({ path: z.string(), text: z.string() });

/** What the book says was meant, even where it is no path at all. */
function targetOf(args: JsonValue): string {
  const { data } = pathArgs.loose().safeParse(args);
  return (data?.path ?? "").slice(0, limits.pathChars);
}

function parseAsked(action: FsPermission["access"], args: JsonValue): Asked {
  const parsed = (action === "write" ? writeArgs : pathArgs).safeParse(args);
  if (!parsed.success) {
    throw new Refusal("FILES_FAILED", "a file needs a path, and a text where it is written");
  }
  const { path, text = "" } = parsed.data as { path: string; text?: string };
  return { segments: segmentsOf(path), text };
}

function permit({ segments }: Asked, access: FsPermission["access"], { grant }: DoorContext): void {
  const path = segments.length === 0 ? "." : segments.join("/");
  const granted = grant.permissions.fs.some(
    (permission) => permission.access === access && pathWithin(path, permission.path),
  );
  if (!granted) throw new Refusal("FILES_DENIED", `the grant does not let the tool ${access} here`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

async function read({ segments }: Asked, context: DoorContext): Promise<Done> {
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

function contentOf(bytes: Buffer): Digest {
  return hash("sha256", bytes);
}

async function write({ segments, text }: Asked, context: DoorContext): Promise<Done> {
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

async function list({ segments }: Asked, context: DoorContext): Promise<Done> {
  const folder = await openFolder(segments, context);
  try {
    const entries = await readEntries(folder);
    context.quota.take("entries to list", entries.length);
    const value = await Promise.all(entries.map((entry) => describe(folder, entry)));
    context.handIn(await context.labels.ofFolder(segments.join("/") || "."));
    return { value, bytes: 0 };
  } finally {
    await folder.close();
  }
}

async function readEntries(folder: FileHandle): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(`/proc/self/fd/${folder.fd}`)) {
    if (entry.name === draftFolder) continue;
    entries.push(entry);
    if (entries.length > limits.filesListed) {
      throw new Refusal("FILES_FAILED", `the folder holds more than ${limits.filesListed} entries`);
    }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function describe(folder: FileHandle, entry: Dirent): Promise<JsonValue> {
  const { name } = entry;
  if (entry.isDirectory()) return { name, kind: "folder", bytes: 0 };
  if (!entry.isFile()) return { name, kind: "other", bytes: 0 };
  const stat = await lstat(within(folder, name)).catch(() => undefined);
  return { name, kind: "file", bytes: stat?.size ?? 0 };
}

async function inFolderOf<T>(
  segments: readonly string[],
  context: DoorContext,
  use: (folder: FileHandle, name: string) => Promise<T>,
): Promise<T> {
  const name = segments.at(-1);
  if (name === undefined) throw new Refusal("FILES_FAILED", "this is a folder");
  const folder = await openFolder(segments.slice(0, -1), context);
  return await use(folder, name).finally(() => folder.close());
}

/** What the system says becomes a refusal without the path: that one is the gateway's own. */
function refusalOf(error: unknown): Refusal {
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
