import type { Dirent } from "node:fs";
import { type FileHandle, lstat, opendir } from "node:fs/promises";
import type { JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import type { FileDone } from "./booked.ts";
import type { FileAsked } from "./file-request.ts";
import { draftFolder, openFolder, within } from "./open-beneath.ts";

/** Hands the names in a folder in, with kinds and sizes. */
export async function listFolder({ segments }: FileAsked, context: DoorContext): Promise<FileDone> {
  const folder = await openFolder(segments, context);
  try {
    const entries = await readEntries(folder);
    context.quota.take("entries to list", entries.length);
    const value = await describeAll(folder, entries);
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

/** Files that are looked at together: the loop has its turn in between. */
const describedAtOnce = 16;

async function describeAll(folder: FileHandle, entries: readonly Dirent[]): Promise<JsonValue[]> {
  const described: JsonValue[] = [];
  while (described.length < entries.length) {
    const next = entries.slice(described.length, described.length + describedAtOnce);
    described.push(...(await Promise.all(next.map((entry) => describe(folder, entry)))));
  }
  return described;
}

async function describe(folder: FileHandle, entry: Dirent): Promise<JsonValue> {
  const { name } = entry;
  if (entry.isDirectory()) return { name, kind: "folder", bytes: 0 };
  if (!entry.isFile()) return { name, kind: "other", bytes: 0 };
  const stat = await lstat(within(folder, name)).catch(() => undefined);
  return { name, kind: "file", bytes: stat?.size ?? 0 };
}
