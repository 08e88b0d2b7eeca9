import type { Socket } from "node:net";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Breach } from "./breach.ts";
import { type Frame, FrameDecoder, type FrameKind, framesOf } from "./frame.ts";

/** One end of a connection between gateway and launcher. */
export class Connection {
  /** Resolves when it is over, whoever ended it; never rejects. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  /**
   * @param hear is given each frame; where it throws, or the bytes are no frame, all is over.
   * @param onBug is told what it threw, where that is no `Breach`; the connection has ended by then.
   */
  constructor(socket: Socket, hear: (frame: Frame) => void, onBug: (error: unknown) => void) {
    this.#socket = socket;
    const decoder = new FrameDecoder(containerLimits.linkFrameBytes);
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of decoder.push(chunk)) if (!socket.destroyed) hear(frame);
      } catch (error) {
        socket.destroy();
        if (!(error instanceof Breach)) onBug(error);
      }
    });
    // An error is followed by `close`, which is what counts.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  say(word: object): void {
    this.send("word", Buffer.from(JSON.stringify(word)));
  }

  /** False where the other end reads more slowly than this one writes. */
  send(kind: FrameKind, bytes: Uint8Array): boolean {
    let isFlowing = true;
    for (const frame of framesOf(kind, bytes)) isFlowing = this.#write(frame);
    return isFlowing;
  }

  #write(frame: Buffer): boolean {
    return !this.#socket.writable || this.#socket.write(frame);
  }

  /** Resolves when all that was sent has left, or never will. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) return resolve();
      // Nothing of it stays behind: a connection can be slow as often as it likes.
      const over = (): void => {
        this.#socket.off("drain", over).off("close", over);
        resolve();
      };
      this.#socket.on("drain", over).on("close", over);
    });
  }

  /** Bytes that come are left where they are, and so is the news that the other end has gone. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Ends it behind what was sent. */
  end(): void {
    this.#socket.destroySoon();
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}
