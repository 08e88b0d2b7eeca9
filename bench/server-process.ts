import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface ServerProcess<Started> {
  readonly started: Started;
  /** Sends a word, or what is asked, and resolves with the answer. */
  ask<Answer>(word: string | object): Promise<Answer>;
}

/** Forks a server of this folder, waits for its first message, and ends it afterwards. */
export async function withServer<Started, Result>(
  file: string,
  use: (server: ServerProcess<Started>) => Promise<Result>,
): Promise<Result> {
  const server = fork(join(import.meta.dirname, file));
  try {
    const started = await nextMessage<Started>(server);
    return await use({
      started,
      ask(word) {
        server.send(word);
        return nextMessage(server);
      },
    });
  } finally {
    await end(server);
  }
}

async function nextMessage<Message>(server: ChildProcess): Promise<Message> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(server, "message", { signal }).then(([message]) => message as Message),
      once(server, "exit", { signal }).then(() => Promise.reject(new Error("the server died"))),
    ]);
  } finally {
    waiting.abort();
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, "exit");
  if (server.connected) server.disconnect();
  await exit;
}
