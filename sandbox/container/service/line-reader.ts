import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

const lineEnd = 0x0a;

/** Cuts what a program says into lines, and holds no more of one than a line may have. */
export class LineReader {
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #begun: Uint8Array[] = [];
  #bytes = 0;

  /**
   * The lines that these bytes end.
   *
   * @throws {Refusal} `OUTPUT_LIMIT` for a line that is too long, `OUTPUT_UNREADABLE` for one that is
   * not UTF-8.
   */
  *read(bytes: Uint8Array): Generator<string> {
    let from = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, from)) {
      this.#hold(bytes.subarray(from, end));
      yield this.#takeLine();
      from = end + 1;
    }
    // Copied: whoever gave it may use its memory again.
    this.#hold(bytes.slice(from));
  }

  #hold(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > containerLimits.serviceLineBytes) {
      throw new Refusal("OUTPUT_LIMIT", "the service said a line that is too long");
    }
    if (bytes.length > 0) this.#begun.push(bytes);
  }

  #takeLine(): string {
    const line = Buffer.concat(this.#begun);
    this.#begun = [];
    this.#bytes = 0;
    try {
      return this.#utf8.decode(line);
    } catch (cause) {
      throw new Refusal("OUTPUT_UNREADABLE", "the service said what is no text", { cause });
    }
  }
}
