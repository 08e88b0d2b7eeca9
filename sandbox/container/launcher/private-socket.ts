import { chmod, lstat, mkdir, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { dirname } from "node:path";
import { isAnswered } from "../../unix-socket.ts";

/**
 * Listens at a unix socket that nobody but this user can reach: its folder is 0700, it is 0600. What
 * a process that is no more left there is replaced.
 *
 * @throws {Error} where somebody listens there, where something else is there, or the folder is not
 * this user's alone.
 */
export async function listenPrivately(server: Server, socketPath: string): Promise<void> {
  await makePrivate(dirname(socketPath));
  await removeStale(socketPath);
  await new Promise<void>((resolve, reject) => {
    // Stays: an error that nobody hears ends the process.
    server.on("error", reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    const mend = "give the socket a folder of its own, which need not be there";
    throw new Error(`${folder} is not this user's alone (${mend})`);
  }
}

async function removeStale(socketPath: string): Promise<void> {
  const found = await lstat(socketPath).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${socketPath} is no socket (choose another path)`);
  if (await isAnswered(socketPath)) {
    throw new Error(`another launcher serves ${socketPath} (stop it, or choose another path)`);
  }
  await rm(socketPath);
}
