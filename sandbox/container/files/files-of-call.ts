import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Grant } from "../../../manifests/grant.ts";
import { type FsPermission, pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import { bytesOf } from "../../broker/files/base64.ts";

type GrantedFiles = Pick<Grant, "permissions">;

/**
 * What a program may read, as paths beneath the workspace; it sees each at `/workspace/PATH`. Of a
 * folder and what lies in it the folder alone. Each is asked for at the door before it is mounted.
 * For programs: code of ours reads through the door, file by file, and needs none.
 *
 * @throws {Refusal} `FILES_FAILED` where they are more than a container can have.
 */
export function mountsOf({ permissions }: GrantedFiles): readonly string[] {
  const paths = pathsOf(permissions.fs, "read");
  const mounts = paths.filter(
    (path) => !paths.some((other) => other !== path && pathWithin(path, other)),
  );
  if (mounts.length > containerLimits.mountsPerCall) {
    throw new Refusal("FILES_FAILED", "the call reads at more places than a container can show");
  }
  return mounts;
}

/**
 * The files that a program is given to change, base64 by path: each that the grant names to be
 * written, where it is there and may be read as well. To write is not to read: of any other file
 * there is a place in `/work` and no bytes. A folder is not copied; it is mounted where it may be read.
 *
 * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`, `CANCELLED`.
 */
export async function copiesIn(
  { permissions }: GrantedFiles,
  door: Pick<BrokerDoor, "copyIn">,
): Promise<Readonly<Record<string, string>>> {
  const reads = pathsOf(permissions.fs, "read");
  const copies: [string, string][] = [];
  for (const path of pathsOf(permissions.fs, "write")) {
    if (path === "." || !reads.some((read) => pathWithin(path, read))) continue;
    const bytes = await door.copyIn(path);
    if (bytes) copies.push([path, bytes.toString("base64")]);
  }
  return Object.fromEntries(copies);
}

/**
 * Writes what a program left, all of it or none; under the label of what the call knows. What it did
 * not change is left alone, what it removed stays.
 *
 * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`, `SECRET_MISUSED`, `CANCELLED`.
 */
export async function copyOut(
  files: Readonly<Record<string, string>>,
  door: Pick<BrokerDoor, "copyOut">,
): Promise<void> {
  const entries = Object.entries(files);
  if (entries.length > containerLimits.scratchFiles) {
    throw new Refusal("FILES_FAILED", "the program left more files than a call may");
  }
  if (entries.length === 0) return;
  await door.copyOut(new Map(entries.map(([path, base64]) => [path, bytesOf(base64)])));
}

function pathsOf(fs: readonly FsPermission[], access: FsPermission["access"]): readonly string[] {
  const paths = fs.filter((one) => one.access === access).map(({ path }) => path);
  return [...new Set(paths)];
}
