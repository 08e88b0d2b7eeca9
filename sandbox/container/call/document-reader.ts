import { HeldBytes } from "./held-bytes.ts";

/** How far the reader has come; from `garbage` and `too-long` nothing leads back. */
export type Reading = "nothing" | "inside" | "whole" | "garbage" | "too-long";

/**
 * Finds the end of one JSON object in bytes as they come, so that an answer can be taken the moment
 * that it is whole. It only counts brackets: what it finds is still to be parsed. Nothing but
 * whitespace may stand around it, and no more than `bytesCeiling` bytes are held.
 */
export class DocumentReader {
  readonly #held: HeldBytes;
  #reading: Reading = "nothing";
  #depth = 0;
  #isString = false;
  #isEscaped = false;

  constructor(bytesCeiling: number) {
    this.#held = new HeldBytes(bytesCeiling);
  }

  get reading(): Reading {
    return this.#reading;
  }

  get isSpoilt(): boolean {
    return this.#reading === "garbage" || this.#reading === "too-long";
  }

  /** All that came, where it is whole. */
  get document(): Buffer {
    return this.#held.bytes;
  }

  push(chunk: Uint8Array): void {
    if (this.isSpoilt) return;
    if (this.#held.push(chunk)) this.#scan(chunk);
    else this.#reading = "too-long";
    if (this.isSpoilt) this.#held.clear();
  }

  #scan(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.#reading === "inside") this.#readInside(byte);
      else if (!isSpace(byte)) this.#readOutside(byte);
    }
  }

  #readOutside(byte: number): void {
    const isStart = this.#reading === "nothing" && byte === openBrace;
    this.#reading = isStart ? "inside" : "garbage";
    this.#depth = 1;
  }

  #readInside(byte: number): void {
    if (this.#isString) this.#readString(byte);
    else if (byte === quote) this.#isString = true;
    else if (byte === openBrace || byte === openBracket) this.#depth += 1;
    else if (byte === closeBrace || byte === closeBracket) this.#close();
  }

  #readString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) this.#isString = false;
  }

  #close(): void {
    this.#depth -= 1;
    if (this.#depth === 0) this.#reading = "whole";
  }
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
