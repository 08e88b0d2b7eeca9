import { hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Digest } from "../../../manifests/digest.ts";
import { type FsPermission, pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import { type FilesGround, openFolder } from "./open-beneath.ts";

/** A request at the files door, within the grant. */
export interface FileAsked {
  /** None for the workspace itself. */
  readonly segments: readonly string[];
  /** What is to be written; empty for the other requests. */
  readonly data: Buffer;
}

/** @throws {Refusal} `FILES_DENIED` where the grant does not cover the path. */
export function permit(
  segments: readonly string[],
  access: FsPermission["access"],
  { grant }: Pick<DoorContext, "grant">,
): void {
  const path = segments.join("/") || ".";
  const granted = grant.permissions.fs.some(
    (permission) => permission.access === access && pathWithin(path, permission.path),
  );
  if (!granted) throw new Refusal("FILES_DENIED", `the grant does not let the tool ${access} here`);
}

/** Opens the folder of a file for as long as it is used. */
export async function inFolderOf<T>(
  segments: readonly string[],
  ground: FilesGround,
  use: (folder: FileHandle, name: string) => Promise<T>,
): Promise<T> {
  const name = segments.at(-1);
  if (name === undefined) throw new Refusal("FILES_FAILED", "this is a folder");
  const folder = await openFolder(segments.slice(0, -1), ground);
  return await use(folder, name).finally(() => folder.close());
}

/** By what labels know a file's bytes. */
export function contentOf(bytes: Buffer): Digest {
  return hash("sha256", bytes);
}
