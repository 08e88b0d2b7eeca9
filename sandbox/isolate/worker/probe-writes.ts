import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { attempts } from "./probe-attempt.ts";

/**
 * Opens each path for writing, and makes a file and a folder in it where it is a folder. Nothing is
 * written into a file that was there; what it makes it removes.
 */
export function tryOpening(paths: readonly string[]): string {
  return attempts([...new Set(paths)], (path) => {
    if (isFolder(path || "/")) make(`${path}/ringward-probe`);
    else closeSync(openSync(path, constants.O_WRONLY));
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function make(path: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  try {
    closeSync(openSync(path, flags, 0o600));
    unlinkSync(path);
  } catch {
    // A folder can be another matter, and its error is told.
    mkdirSync(path);
    rmdirSync(path);
  }
}
