import { type FileHandle, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";

/**
 * Which mount an open file lies on. A device number would not do: a folder that is bound to a second
 * place lies on the same device.
 */
async function mountOf({ fd }: FileHandle): Promise<string> {
  const info = await readFile(`/proc/self/fdinfo/${fd}`, "utf8");
  const mount = /^mnt_id:\t(\d{1,20})$/m.exec(info)?.[1];
  if (mount === undefined) throw new Error("the kernel does not say on which mount a file lies");
  return mount;
}

/**
 * What is mounted in the workspace is another place: a file would have two names, one of them
 * without its label.
 *
 * @throws {Refusal} `FILES_DENIED`.
 */
export async function refuseOtherMount(handle: FileHandle, folder: FileHandle): Promise<void> {
  if ((await mountOf(handle)) !== (await mountOf(folder))) {
    throw new Refusal("FILES_DENIED", "the path leads onto another mount");
  }
}

/**
 * What is mounted beneath may be another place, or hide one.
 *
 * @throws {Refusal} `FILES_DENIED`.
 */
export async function refuseMountsBeneath(
  segments: readonly string[],
  { workspace }: { readonly workspace: string },
): Promise<void> {
  const path = join(await realpath(workspace), ...segments);
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  if (lines.some((line) => pathWithin(mountPointOf(line), path))) {
    throw new Refusal("FILES_DENIED", "something is mounted beneath the path");
  }
}

/** The fifth word; the kernel writes what would end it as three octal digits. */
function mountPointOf(line: string): string {
  const word = line.split(" ", 5)[4] ?? "";
  return word.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
}
