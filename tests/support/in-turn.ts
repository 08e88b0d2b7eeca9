import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Does something while no other process does anything under the same name. The kernel keeps the
 * turn, as an abstract socket: it is free as soon as its holder has ended, however that was.
 */
export async function inTurn<T>(name: string, action: () => Promise<T>): Promise<T> {
  const path = `\0ringward-turn-${name}`;
  const waiting = new Set<Socket>();
  const turn = createServer((socket) => {
    waiting.add(socket.on("error", () => socket.destroy()));
  });
  while (!(await isTaken(turn, path))) await untilFree(path);
  try {
    return await action();
  } finally {
    turn.close();
    for (const socket of waiting) socket.destroy();
  }
}

async function isTaken(turn: Server, path: string): Promise<boolean> {
  try {
    turn.listen(path);
    await once(turn, "listening");
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the holder has let go; at once where there is none any more. */
async function untilFree(path: string): Promise<void> {
  const socket = connect(path);
  await new Promise<void>((resolve) => {
    socket.on("error", () => socket.destroy());
    socket.once("close", () => resolve());
  });
}
