import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../../../manifests/limits.ts";
import { pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { foldedName, foldedPath } from "./folded-path.ts";
import { refuseOtherMount } from "./mount.ts";

/** Where files may be opened, and where not. */
export interface FilesGround {
  readonly workspace: string;
  readonly protectedPaths: readonly string[];
}

/** In the workspace, for what is being written; no path of a tool leads there. */
export const draftFolder = ".ringward";

/** A descriptor that names a file without opening it: no device wakes up, no FIFO blocks. */
const oPath = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/**
 * The segments of a workspace path: relative, `/` between them, `.` alone for the workspace itself.
 *
 * @throws {Refusal} `FILES_DENIED` for anything that could mean another place.
 */
export function segmentsOf(path: string): readonly string[] {
  if (path === ".") return [];
  if (path.length > limits.pathChars) throw denied("the path is too long");
  const segments = path.split("/");
  if (segments.length > limits.pathDepth) throw denied("the path is too deep");
  if (!segments.every(isPlain)) throw denied("the path is not a plain path beneath the workspace");
  return segments;
}

function isPlain(segment: string): boolean {
  if (segment === "" || segment === "." || segment === "..") return false;
  if (foldedName(segment) === draftFolder) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a file name may hold them, a plain one not.
  return !/[\u0000-\u001f\u007f]/.test(segment);
}

/**
 * Opens a folder beneath the workspace, one segment at a time, each relative to the descriptor of
 * the one before. No link is followed, so nobody can swap one in between the check and the use.
 */
export async function openFolder(
  segments: readonly string[],
  ground: FilesGround,
): Promise<FileHandle> {
  // Only Linux lets a descriptor stand in a path.
  if (process.platform !== "linux") throw denied("files are not offered on this system");
  const isProtected = await protectedInodes(ground);
  let folder = await open(ground.workspace, O_RDONLY | O_DIRECTORY);
  try {
    refuseProtected(await folder.stat({ bigint: true }), isProtected);
    for (const segment of segments) {
      const next = await openSegment(folder, segment);
      await folder.close();
      folder = next;
      refuseProtected(await folder.stat({ bigint: true }), isProtected);
    }
    return folder;
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function openSegment(folder: FileHandle, segment: string): Promise<FileHandle> {
  try {
    return await openFolderIn(folder, segment);
  } catch (error) {
    // A link and a file look alike here; only one of them is an attempt.
    const found = await look(folder, segment);
    await found?.handle.close();
    if (found?.stat.isSymbolicLink()) throw denied("the path leads through a link");
    throw error;
  }
}

/** A folder in a folder; no link, and nothing that is mounted there. */
export async function openFolderIn(folder: FileHandle, name: string): Promise<FileHandle> {
  const next = await open(within(folder, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    await refuseOtherMount(next, folder);
    return next;
  } catch (error) {
    await next.close();
    throw error;
  }
}

export interface Found {
  readonly handle: FileHandle;
  readonly stat: BigIntStats;
}

/**
 * What stands under a name in a folder, unopened; undefined where there is nothing.
 *
 * @throws {Refusal} `FILES_DENIED` where something is mounted there.
 */
export async function look(folder: FileHandle, name: string): Promise<Found | undefined> {
  const handle = await open(within(folder, name), oPath | O_NOFOLLOW).catch(absent);
  if (handle === undefined) return undefined;
  try {
    await refuseOtherMount(handle, folder);
    return { handle, stat: await handle.stat({ bigint: true }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/**
 * Passes only a file that can be no other one: regular, under one name alone, not protected.
 *
 * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`.
 */
export async function refuseUnlessPlainFile(
  found: BigIntStats,
  ground: FilesGround,
): Promise<void> {
  if (found.isDirectory()) throw new Refusal("FILES_FAILED", "this is a folder");
  if (!found.isFile()) throw denied("this is no regular file");
  if (found.nlink > 1n)
    throw denied("the file has another name somewhere: a hard link; a copy has none");
  refuseProtected(found, await protectedInodes(ground));
}

/** Another one for whatever is written into a file, or put in its place. */
export function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/** The path of a name in an open folder; the kernel goes by the descriptor, not by the folder's path. */
export function within(folder: FileHandle, name: string): string {
  return `/proc/self/fd/${folder.fd}/${name}`;
}

/** By name, for what does not exist yet. */
export async function refuseProtectedPath(
  segments: readonly string[],
  ground: FilesGround,
): Promise<void> {
  const path = foldedPath(join(await realpath(ground.workspace), ...segments));
  if (ground.protectedPaths.some((one) => pathWithin(path, foldedPath(one)))) {
    throw protectedRefusal();
  }
}

/** By name, for what lies beneath, whether it exists or not. */
export async function refuseProtectedBeneath(
  segments: readonly string[],
  ground: FilesGround,
): Promise<void> {
  const path = foldedPath(join(await realpath(ground.workspace), ...segments));
  if (ground.protectedPaths.some((one) => pathWithin(foldedPath(one), path))) {
    throw protectedRefusal();
  }
}

/** By inode, so that no mount or second name helps. Read anew each time: files get replaced. */
export async function protectedInodes({
  protectedPaths,
}: FilesGround): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    protectedPaths.map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return new Set(found.filter((one) => one !== undefined).map(inode));
}

export function refuseProtected(found: BigIntStats, isProtected: ReadonlySet<string>): void {
  if (isProtected.has(inode(found))) throw protectedRefusal();
}

function inode({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function protectedRefusal(): Refusal {
  return denied("the path belongs to the gateway");
}

function denied(detail: string): Refusal {
  return new Refusal("FILES_DENIED", detail);
}
