import { createInterface } from "node:readline";
import { type Child, type Command, endChild, startChild } from "./child.ts";
import type { RunningPeer } from "./peer.ts";

interface Answer {
  readonly id: number;
  readonly output?: string;
  readonly error?: string;
}

/** A program of `hosts/`, which takes calls as lines of JSON. */
export async function startLinePeer(command: Command, code: string): Promise<RunningPeer> {
  const child = startChild(command);
  const ask = askBy(child);
  const running = {
    host: child.pid,
    call: (input: string) => ask({ input }),
    pids: () => (child.pid === undefined || child.exitCode !== null ? [] : [child.pid]),
    stop: () => endChild(child, graceMs),
  };
  try {
    await ask({ code });
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** A host that is busy with a guest that nobody stops does not end by itself. */
const graceMs = 3_000;

function askBy(child: Child): (words: object) => Promise<string> {
  const waiting = new Map<number, PromiseWithResolvers<string>>();
  let asked = 0;
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, output, error } = JSON.parse(line) as Answer;
    if (output === undefined) waiting.get(id)?.reject(new Error(error));
    else waiting.get(id)?.resolve(output);
    waiting.delete(id);
  });
  child.once("close", () => {
    for (const { reject } of waiting.values()) reject(new Error(hostDied));
    waiting.clear();
  });
  return (words) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return Promise.reject(new Error(hostDied));
    }
    asked += 1;
    const answer = Promise.withResolvers<string>();
    waiting.set(asked, answer);
    child.stdin.write(`${JSON.stringify({ id: asked, ...words })}\n`);
    return answer.promise;
  };
}

export const hostDied = "the host died";
