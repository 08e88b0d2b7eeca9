import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";

/**
 * Connections on which no request is said just now. What comes there is the head of one; line ends
 * before it are read without end, and counted by nobody else.
 */
export class Quiet {
  /** What each had said when it became quiet. */
  readonly #said: Map<Socket, number> = new Map();
  readonly #onNoise: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onNoise: () => void) {
    this.#onNoise = onNoise;
  }

  enter(socket: Socket): void {
    this.#said.set(socket, socket.bytesRead);
    this.#timer ??= setInterval(() => this.#look(), containerLimits.proxyLookMs).unref();
  }

  /** Leaves until the request is whole; what comes behind it belongs to none. */
  during(request: IncomingMessage): void {
    const { socket } = request;
    this.leave(socket);
    const enter = (): void => {
      if (request.complete && !socket.destroyed) this.enter(socket);
    };
    request.once("end", enter);
    // One without a body is whole by then, and perhaps nobody reads it.
    setImmediate(enter);
  }

  leave(socket: Socket): void {
    this.#said.delete(socket);
    if (this.#said.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const isLoud = ([socket, said]: [Socket, number]): boolean =>
      socket.bytesRead - said > 2 * limits.fetchHeaderBytes;
    if ([...this.#said].some(isLoud)) this.#onNoise();
  }
}
