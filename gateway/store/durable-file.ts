import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";

/** Writes a file that only its owner can read, and waits until its bytes are on the disk. */
export function writeSynced(file: string, bytes: string | Uint8Array): void {
  rmSync(file, { force: true });
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, typeof bytes === "string" ? Buffer.from(bytes) : bytes);
    fsyncSync(descriptor);
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
