import { outputLimits } from "../../manifests/output-limits.ts";

/**
 * How much of a text may be read again: what stands behind each opening bracket is read, whatever
 * the one before it held. A text that is worth more than this is built to be.
 */
export class Work {
  #chars: number;

  constructor(text: string) {
    this.#chars = text.length * outputLimits.readings + outputLimits.leastWorkChars;
  }

  get isLeft(): boolean {
    return this.#chars > 0;
  }

  did(chars: number): void {
    this.#chars -= chars;
  }
}
