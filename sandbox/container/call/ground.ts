import { lstat } from "node:fs/promises";
import { join } from "node:path";

/**
 * What stands at these paths now. A container that waits goes on showing what stood there when it
 * was started, also where a file was put in the place of another since.
 */
export async function groundOf(workspace: string, paths: readonly string[]): Promise<string> {
  const marks = await Promise.all(paths.map((path) => markOf(join(workspace, path))));
  return marks.join(" ");
}

async function markOf(path: string): Promise<string> {
  try {
    const { dev, ino, birthtimeNs } = await lstat(path, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch {
    // Whoever mounts it says what is wrong with it.
    return "nothing";
  }
}
