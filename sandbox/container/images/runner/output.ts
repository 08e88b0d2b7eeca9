import type { Readable } from "node:stream";

/** Of an output; what is cut off is read, and thrown away. */
const outputBytes = 65_536;
/** Of an output in JSON, where a byte can become six. */
const outputJsonBytes = 98_304;

/** What is printed, as much as there is room for. */
export class Output {
  isCut = false;
  #content: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    stream.on("data", (chunk: Buffer) => this.#add(chunk));
  }

  text(): string {
    let text = this.#content.toString();
    for (let size = jsonBytes(text); size > outputJsonBytes; size = jsonBytes(text)) {
      text = text.slice(0, Math.floor((text.length * outputJsonBytes) / size)).toWellFormed();
      this.isCut = true;
    }
    return text;
  }

  #add(chunk: Buffer): void {
    const room = outputBytes - this.#content.length;
    if (chunk.length > room) this.isCut = true;
    if (room > 0) this.#content = Buffer.concat([this.#content, chunk.subarray(0, room)]);
  }
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
