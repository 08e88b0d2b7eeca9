import { connect } from "node:net";
import { tmpdir } from "node:os";
import { containerLimits } from "../manifests/container-limits.ts";

/** Whether somebody listens at a unix socket. Where that cannot be told, somebody does. */
export function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) => {
      resolve(!nobody.includes(code));
    });
  });
}

/** Where temporary files go, as long as `rest` behind it leaves a path that a socket can have. */
export function folderForSockets(rest: string): string {
  const path = Buffer.byteLength(tmpdir() + rest);
  return path <= containerLimits.socketPathBytes ? tmpdir() : "/tmp";
}

/** Nobody is there, or the name is none that a socket could have. */
const nobody: readonly string[] = ["ECONNREFUSED", "ENOENT", "ENOTDIR", "EINVAL"];
