import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, opendir, rename, rm, statfs } from "node:fs/promises";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { draftFolder, type FilesGround, openFolder, openFolderIn, within } from "./open-beneath.ts";

/** A file that is written in full, and has no name yet that a tool could know. */
export interface Draft {
  /** Gives it its name, in the place of whatever has it; a link there is replaced, never followed. */
  moveTo(folder: FileHandle, name: string): Promise<void>;
  /** Removes it where it was not moved. */
  close(): Promise<void>;
}

/**
 * Writes a draft in a folder of the workspace that no tool may name. What it holds is on the disk
 * when this resolves: a call that the record says has written has written, whatever happens to the
 * machine.
 */
export async function writeDraft(data: Buffer, mode: number, ground: FilesGround): Promise<Draft> {
  const folder = await openDraftFolder(ground);
  const path = within(folder, `${process.pid}-${randomBytes(12).toString("hex")}`);
  const draft = draftAt(folder, path);
  try {
    await writeSynced(path, data, mode);
    return draft;
  } catch (error) {
    await draft.close();
    throw error;
  }
}

function draftAt(folder: FileHandle, path: string): Draft {
  return {
    async moveTo(target, name) {
      await rename(path, within(target, name));
      await target.sync();
    },
    async close() {
      await rm(path, { force: true }).finally(() => folder.close());
    },
  };
}

/** Kept between calls; made where it is missing. */
async function openDraftFolder(ground: FilesGround): Promise<FileHandle> {
  const workspace = await openFolder([], ground);
  try {
    await mkdir(within(workspace, draftFolder), { mode: 0o700 }).catch(unlessThere);
    return await openFolderIn(workspace, draftFolder);
  } finally {
    await workspace.close();
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

async function writeSynced(path: string, data: Buffer, mode: number): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(data);
    // Beyond what the process's mask would leave of it.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * A disk that files have filled could not hold the record of what comes next.
 *
 * @throws {Refusal} `FILES_FAILED`.
 */
export async function refuseFullDisk(workspace: string, reserveBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(workspace);
  if (bavail * bsize < reserveBytes) throw new Refusal("FILES_FAILED", "there is no room left");
}

/** Removes the drafts of gateways that died; those of processes that live are left to them. */
export async function removeLeftDrafts(workspace: string): Promise<void> {
  const { O_DIRECTORY, O_RDONLY } = constants;
  const root = await open(workspace, O_RDONLY | O_DIRECTORY);
  const folder = await openFolderIn(root, draftFolder)
    .catch(() => undefined)
    .finally(() => root.close());
  if (folder === undefined) return;
  await removeLeft(folder).finally(() => folder.close());
}

async function removeLeft(folder: FileHandle): Promise<void> {
  const left: string[] = [];
  for await (const { name } of await opendir(`/proc/self/fd/${folder.fd}`)) {
    if (!belongsToLiving(name)) left.push(name);
    if (left.length >= limits.filesListed) break;
  }
  // One that cannot be removed is in nobody's way.
  await Promise.all(left.map((name) => rm(within(folder, name)).catch(() => undefined)));
}

/** A process of the same number as this one is this one before it was started again. */
function belongsToLiving(name: string): boolean {
  const pid = Number.parseInt(name, 10);
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
