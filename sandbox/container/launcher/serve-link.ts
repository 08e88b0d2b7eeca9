import type { Socket } from "node:net";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Breach } from "../link/breach.ts";
import { Connection } from "../link/connection.ts";
import type { Frame } from "../link/frame.ts";
import { parseGatewayWord } from "../link/words.ts";
import { ContainerLife } from "./container-life.ts";
import { readFacts } from "./read-facts.ts";
import { refusedWord } from "./refused-word.ts";
import type { Yard } from "./yard.ts";

/**
 * Serves one connection, which is one question or one container. Resolves when it is over and its
 * container is gone, or could not be removed in time; never rejects.
 */
export async function serveLink(socket: Socket, yard: Yard): Promise<void> {
  const served = Promise.withResolvers<void>();
  let life: ContainerLife | undefined;
  let isAsked = false;
  const first = (frame: Frame): void => {
    if (isAsked) throw new Breach("a connection asks one question");
    isAsked = true;
    clearTimeout(timer);
    const asked = frame.kind === "word" ? parseGatewayWord(frame.bytes) : undefined;
    if (asked?.word === "launch") {
      life = new ContainerLife(connection, yard);
      served.resolve(life.run(asked));
    } else if (asked?.word === "facts") {
      served.resolve(answerFacts(connection, yard));
    } else {
      throw new Breach("a connection begins with a question");
    }
  };
  const hear = (frame: Frame): void => (life ? life.hear(frame) : first(frame));
  const connection = new Connection(socket, hear, (error) => {
    yard.note(`a bug in the launcher: ${String(error)}`);
  });
  const timer = setTimeout(() => connection.destroy(), containerLimits.containerStartMs);
  void connection.closed.then(() => {
    clearTimeout(timer);
    served.resolve();
  });
  await served.promise;
}

async function answerFacts(connection: Connection, yard: Yard): Promise<void> {
  try {
    connection.say({ word: "facts", ...(await readFacts(yard)) });
  } catch (error) {
    connection.say(refusedWord(error, yard.note));
  }
  connection.end();
}
