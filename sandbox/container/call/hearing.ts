import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";
import { failed } from "../../end.ts";
import type { Ended } from "../link/launcher.ts";
import { DocumentReader } from "./document-reader.ts";
import { HeldBytes } from "./held-bytes.ts";
import { parseSaid } from "./said.ts";
import { type Verdict, verdictOfEnd, verdictOfSaid } from "./verdict.ts";

export interface Bounds {
  readonly nonce: string;
  /** Of standard output, all of it. */
  readonly answerBytes: number;
  /** Of the output alone, as JSON. */
  readonly outputBytes: number;
}

/** What one program says, as far as anybody wants to know. */
export class Hearing {
  /** Resolves when what it said decides: an answer, or what will never become one. */
  readonly decided: Promise<Verdict>;
  readonly #bounds: Bounds;
  readonly #reader: DocumentReader;
  readonly #decision = Promise.withResolvers<Verdict>();
  readonly #log = new HeldBytes(limits.logBytesPerCall);
  #errorBytes = 0;
  #verdict: Verdict | undefined;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#reader = new DocumentReader(bounds.answerBytes);
    this.decided = this.#decision.promise;
  }

  readonly hear = (stream: "stdout" | "stderr", bytes: Uint8Array): void => {
    if (stream === "stderr") this.#note(bytes);
    else this.#read(bytes);
  };

  /** Whether more than an answer came. Whoever says more is not to be believed in what it said. */
  get isLate(): boolean {
    return this.#reader.isSpoilt;
  }

  /** Of a program that has ended; all that it said has been heard. */
  verdictAt(ended: Ended): Verdict {
    const hasBegun = this.#reader.reading === "inside";
    const lastLine = this.log.trimEnd().split("\n").at(-1) ?? "";
    return this.#verdict ?? verdictOfEnd(ended, { hasBegun, lastLine });
  }

  /** Standard error, capped. */
  get log(): string {
    return this.#log.bytes.toString("utf8");
  }

  #note(bytes: Uint8Array): void {
    this.#log.push(bytes);
    this.#errorBytes += bytes.length;
    if (this.#errorBytes > containerLimits.errorBytes) this.#decide(failed("OUTPUT_LIMIT"));
  }

  #read(bytes: Uint8Array): void {
    this.#reader.push(bytes);
    const verdict = this.#verdict ?? this.#verdictNow();
    if (verdict) this.#decide(verdict);
  }

  /** What is decided stays so. */
  #decide(verdict: Verdict): void {
    this.#verdict ??= verdict;
    this.#decision.resolve(this.#verdict);
  }

  #verdictNow(): Verdict | undefined {
    switch (this.#reader.reading) {
      case "nothing":
      case "inside":
        return undefined;
      case "too-long":
        return failed("OUTPUT_LIMIT");
      case "garbage":
        return failed("OUTPUT_UNREADABLE");
      case "whole":
        return this.#answer();
    }
  }

  #answer(): Verdict {
    const said = parseSaid(this.#reader.document, this.#bounds.nonce);
    return said ? verdictOfSaid(said, this.#bounds.outputBytes) : failed("OUTPUT_UNREADABLE");
  }
}
