import { setImmediate } from "node:timers/promises";
import type { Finding } from "../../manifests/finding.ts";
import { limits } from "../../manifests/limits.ts";
import { personalLimits } from "../../manifests/personal-limits.ts";
import type { Detector, Document } from "../detector.ts";
import { fieldNameOf } from "../json-texts.ts";
import type { View } from "../views/view.ts";
import { emailsIn } from "./email.ts";
import { type Candidate, candidatesIn } from "./numbers.ts";

/**
 * Finds data of people by its form and, where it has them, its check digits: `personal:email`,
 * `personal:phone`, `personal:iban`, `personal:card`, `personal:national-id`; in each way that a text
 * is written in. A form that other numbers have too needs a word near it that says what it is: in
 * the text, or as the name of the field. What was too much work is `personal:unread`.
 */
export const personalDetector: Detector = { id: "personal", detect };

async function detect({ text, path, views }: Document): Promise<readonly Finding[]> {
  const search = new Search(path);
  for (const view of views().all) {
    if (!(await search.look(view))) {
      search.add("personal:unread", { start: 0, end: text.length }, 1);
      break;
    }
  }
  return search.found;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** One text; the work is counted over all that it is written in. */
class Search {
  readonly found: Finding[] = [];
  readonly #path: string;
  readonly #field: string;
  #tried = 0;

  constructor(path: string) {
    this.#path = path;
    this.#field = wordsOf(fieldNameOf(path));
  }

  /** False where it became too much work. */
  async look(view: View): Promise<boolean> {
    for (const { start, end } of emailsIn(view.text)) {
      this.add("personal:email", view.original(start, end), 0.95);
      if (this.#isFull) return true;
    }
    for (const candidate of candidatesIn(view.text, this.#field)) {
      this.#tried += 1;
      if (this.#tried > personalLimits.numbersTried) return false;
      if (this.#tried % personalLimits.numbersPerTurn === 0) await setImmediate();
      this.#judge(view, candidate);
      if (this.#isFull) return true;
    }
    return true;
  }

  /** One place is of one kind: whatever is found there later is the same in another spelling. */
  add(kind: string, { start, end }: Range, score: number): void {
    if (this.found.some((one) => start < one.end && one.start < end)) return;
    this.found.push({ detector: "personal", kind, path: this.#path, start, end, score });
  }

  #judge(view: View, { kind, start, score, length }: Candidate): void {
    const chars = length();
    if (chars > 0) this.add(kind, view.original(start, start + chars), score);
  }

  /** As many as are listed, and one more to say that there are. */
  get #isFull(): boolean {
    return this.found.length > limits.findingsPerCall;
  }
}

/** As words: it is read like a text in front. */
function wordsOf(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[_.-]/g, " ");
}
