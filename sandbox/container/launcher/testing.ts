import { PassThrough } from "node:stream";
import type { Connection } from "../link/connection.ts";
import { type Frame, framesOf } from "../link/frame.ts";
import type { Engine } from "./engine.ts";

/** An engine of which a test gives what it is about; whatever else is asked of it fails. */
export function engineOf(given: Partial<Engine>): Engine {
  return given as Engine;
}

/** What a launcher says, in words and in outputs. */
export class FakeConnection {
  readonly said: string[] = [];
  readonly #closed = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  readonly closed: Promise<void> = this.#closed.promise;
  isFlowing = true;

  say(word: { readonly word: string }): void {
    this.said.push(word.word);
  }

  send(kind: string, bytes: Uint8Array): boolean {
    this.said.push(`${kind} ${Buffer.from(bytes)}`);
    return this.isFlowing;
  }

  drained(): Promise<void> {
    return this.#drained.promise;
  }

  drain(): void {
    this.isFlowing = true;
    this.#drained.resolve();
  }

  end(): void {
    this.#closed.resolve();
  }

  get asConnection(): Connection {
    return this as unknown as Connection;
  }
}

/** What an engine hands on of a container. */
export function streamOf(...frames: readonly (readonly [Frame["kind"], string])[]): PassThrough {
  const stream = new PassThrough();
  for (const [kind, text] of frames) {
    for (const frame of framesOf(kind, Buffer.from(text))) stream.write(frame);
  }
  return stream;
}
