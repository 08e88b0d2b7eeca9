import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs of the system may lie where an ordinary user's path does not look. */
export function pathOfSystem(): string {
  const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return folders.join(delimiter);
}

/** Undefined where it is not installed. */
export function whereIs(program: string): string | undefined {
  const candidates = pathOfSystem()
    .split(delimiter)
    .map((folder) => join(folder, program));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
