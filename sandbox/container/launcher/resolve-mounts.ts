import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { inFolderOf } from "../../broker/files/file-request.ts";
import { foldedPath } from "../../broker/files/folded-path.ts";
import {
  draftFolder,
  type FilesGround,
  look,
  openFolder,
  refuseProtectedPath,
  refuseUnlessPlainFile,
  segmentsOf,
} from "../../broker/files/open-beneath.ts";

export interface ResolvedMount {
  /** Absolute, through no link. */
  readonly source: string;
  /** Relative to the workspace. */
  readonly path: string;
}

/**
 * Where files and folders of the workspace are on the host.
 *
 * @throws {Refusal} `FILES_DENIED` for a path that is no plain one, leads through a link or onto
 * another mount, or is at, above or beneath what is the gateway's own; `FILES_FAILED` where nothing
 * is there.
 */
export async function resolveMounts(
  paths: readonly string[],
  ground: FilesGround,
): Promise<readonly ResolvedMount[]> {
  return await Promise.all(paths.map((path) => resolveMount(path, ground)));
}

async function resolveMount(path: string, ground: FilesGround): Promise<ResolvedMount> {
  try {
    const segments = segmentsOf(path);
    const source = join(await realpath(ground.workspace), ...segments);
    await refuseProtectedPath(segments, ground);
    await refuseAround(source, ground);
    await refuseUnlessPlain(segments, ground);
    return { source, path };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("FILES_FAILED", "what should be mounted cannot be opened", { cause: error });
  }
}

/** What is mounted shows all that is beneath it. */
async function refuseAround(source: string, ground: FilesGround): Promise<void> {
  const real = (path: string): Promise<string> => realpath(path).catch(() => path);
  const drafts = join(await real(ground.workspace), draftFolder);
  const kept = await Promise.all(ground.protectedPaths.map(real));
  const own = [drafts, ...ground.protectedPaths, ...kept];
  if (own.some((one) => pathWithin(foldedPath(one), foldedPath(source)))) {
    throw new Refusal("FILES_DENIED", "something of the gateway's own lies beneath the path");
  }
}

/** A file that has no other name, or a folder; opened on the way there, and closed again. */
async function refuseUnlessPlain(segments: readonly string[], ground: FilesGround): Promise<void> {
  const isFolder = await inFolderOf(segments, ground, async (folder, name) => {
    const found = await look(folder, name);
    if (found === undefined) throw new Refusal("FILES_FAILED", "there is nothing of that name");
    await found.handle.close();
    if (!found.stat.isDirectory()) await refuseUnlessPlainFile(found.stat, ground);
    return found.stat.isDirectory();
  });
  if (isFolder) await (await openFolder(segments, ground)).close();
}
