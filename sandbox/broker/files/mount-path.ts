import { constants, lstatSync } from "node:fs";
import { type FileHandle, open, opendir } from "node:fs/promises";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import { booked, type FileDone, inTurn } from "./booked.ts";
import { inFolderOf, permit } from "./file-request.ts";
import { refuseMountsBeneath } from "./mount.ts";
import {
  look,
  openFolderIn,
  protectedInodes,
  refuseProtected,
  refuseProtectedBeneath,
  refuseUnlessPlainFile,
  segmentsOf,
  within,
} from "./open-beneath.ts";

/**
 * Makes sure of what a program will see: only plain files and folders, none of them the gateway's.
 * Read-only is no wall for the others: a socket or a pipe of the host leads out of a container all
 * the same. Symbolic links are left: they end inside of the container.
 */
export async function mountPath(path: string, context: DoorContext): Promise<void> {
  const deed = { action: "mount", target: path.slice(0, limits.pathChars) } as const;
  await booked(deed, context, async () => {
    const segments = segmentsOf(path);
    permit(segments, "read", context);
    context.quota.take("places to mount", 1);
    // What is refused tells something, too.
    context.handIn(await context.labels.beneath(path));
    return await inTurn(segments, context, () => lookThrough(segments, context));
  });
}

async function lookThrough(
  segments: readonly string[],
  context: DoorContext,
): Promise<FileDone<undefined>> {
  // Drafts of other calls lie in it.
  if (segments.length === 0) throw denied("the workspace is not mounted as a whole");
  await refuseProtectedBeneath(segments, context);
  await refuseMountsBeneath(segments, context);
  await inFolderOf(segments, context, async (folder, name) => {
    const found = await look(folder, name);
    if (!found) throw new Refusal("FILES_FAILED", "there is no such file or folder");
    await found.handle.close();
    if (!found.stat.isDirectory()) return await refuseUnlessPlainFile(found.stat, context);
    const isProtected = await protectedInodes(context);
    const top = await openFolderIn(folder, name);
    await new Tree(context, isProtected).walk(top, 0);
  });
  return { value: undefined, bytes: 0 };
}

class Tree {
  readonly #context: DoorContext;
  readonly #isProtected: ReadonlySet<string>;

  constructor(context: DoorContext, isProtected: ReadonlySet<string>) {
    this.#context = context;
    this.#isProtected = isProtected;
  }

  /** Through a folder that is open, and closes it. @throws {Refusal} */
  async walk(folder: FileHandle, depth: number): Promise<void> {
    try {
      if (depth > limits.pathDepth) throw denied("a folder beneath is too deep");
      refuseProtected(await folder.stat({ bigint: true }), this.#isProtected);
      for (const name of await this.#lookAtEntries(folder)) {
        const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
        const next = await open(within(folder, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        await this.walk(next, depth + 1);
      }
    } finally {
      await folder.close();
    }
  }

  /** The names of the folders among them. */
  async #lookAtEntries(folder: FileHandle): Promise<readonly string[]> {
    const folders: string[] = [];
    for await (const entry of await opendir(`/proc/self/fd/${folder.fd}`)) {
      if (this.#context.signal.aborted) throw new Refusal("CANCELLED");
      this.#context.quota.take("entries to mount", 1);
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isFile()) this.#lookAtFile(within(folder, entry.name));
      else if (!entry.isSymbolicLink()) throw denied("what lies beneath is no file or folder");
    }
    return folders;
  }

  /** At once: it takes some microseconds, and the loop has its turn after each portion of names. */
  #lookAtFile(path: string): void {
    const stat = lstatSync(path, { bigint: true });
    if (stat.nlink > 1n)
      throw denied("a file beneath has another name somewhere: a hard link; a copy has none");
    refuseProtected(stat, this.#isProtected);
  }
}

function denied(detail: string): Refusal {
  return new Refusal("FILES_DENIED", detail);
}
