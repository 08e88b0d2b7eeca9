import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a file that only its owner can read, and waits until its bytes are on the disk: all of them,
 * or there is no file.
 *
 * @throws {Error} of the system, as where the disk is full.
 */
export function writeSynced(file: string, bytes: string | Uint8Array): void {
  rmSync(file, { force: true });
  const descriptor = openSync(file, "wx", 0o600);
  try {
    // One write may take a part and say nothing of the rest; this goes on till it fails.
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until the names in a folder are on the disk. Windows does so by itself. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
