import { type FileHandle, readFile } from "node:fs/promises";
import { Refusal } from "../../../manifests/refusals.ts";

/**
 * Which mount an open file lies on. A device number would not do: a folder that is bound to a second
 * place lies on the same device.
 */
export async function mountOf({ fd }: FileHandle): Promise<string> {
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
