import { connect } from "node:net";

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

/** Nobody is there, or the name is none that a socket could have. */
const nobody: readonly string[] = ["ECONNREFUSED", "ENOENT", "ENOTDIR", "EINVAL"];
