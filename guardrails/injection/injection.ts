import { setImmediate } from "node:timers/promises";
import type { Finding } from "../../manifests/finding.ts";
import { once } from "../../manifests/once.ts";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import type { Detector, Document } from "../detector.ts";
import type { View } from "../views/view.ts";
import { shippedClassifier } from "./classifier/shipped-classifier.ts";
import { Keywords } from "./keywords.ts";
import { shippedSignatures } from "./shipped-signatures.ts";
import type { Signature } from "./signature.ts";
import { structureFindings } from "./structure.ts";

/**
 * Finds orders to a model in texts that are to be data, by how such orders are worded:
 * `injection:<id>` with the score of the signature, once a text; and by what the text is and where its
 * words stand: `injection:structure-<name>`; and by what a classifier learnt: `injection:classifier`. What would take more work than a
 * text is worth is a finding of its own, `injection:unread`. Counted, not timed: a text is judged the
 * same on a busy machine.
 *
 * @throws {SourceError} for a file of signatures that is wrong; the files are read once.
 */
export const injectionDetector: () => Detector = once(() => {
  const reasons = reasonsDetector();
  const classifier = shippedClassifier();
  return {
    id: "injection",
    async detect(document, context) {
      const found = await reasons.detect(document, context);
      const judged = await classifier.detect(document);
      // By itself it is told from some certainty on; beside others it says how much they are worth.
      const isTold = found.length > 0 || judged.some(({ score }) => score >= toldScore);
      return isTold ? [...found, ...judged] : found;
    },
  };
});

const { toldScore } = signatureLimits;

/** The same, of those kinds alone that say why: signatures and structure. */
export const reasonsDetector: () => Detector = once(() => {
  const signatures = new SignatureMatcher(shippedSignatures());
  return {
    id: "injection",
    async detect(document, context) {
      const worded = await signatures.detect(document);
      return [...worded, ...structureFindings(document, context)];
    },
  };
});

/** Finds what signatures match. */
export class SignatureMatcher {
  readonly #signatures: readonly Signature[];
  readonly #keywords: Keywords;
  /** Of each keyword, who needs it. */
  readonly #needs: readonly Need[];

  constructor(signatures: readonly Signature[]) {
    this.#signatures = signatures;
    const needs = signatures.flatMap(({ needs: groups }, owner) =>
      groups.flatMap((words, group) => words.map((word) => ({ word, owner, group }))),
    );
    this.#keywords = new Keywords(needs.map(({ word }) => word));
    this.#needs = needs;
  }

  async detect({ text, path, views }: Document): Promise<readonly Finding[]> {
    const search = new Search(this.#signatures);
    for (const view of views().all) {
      const windows = this.#windowsOf(view.text);
      if (await search.look(view, windows)) continue;
      const unread = { kind: "injection:unread", start: 0, end: text.length, score: 1 };
      return [...search.found, unread].map((found) => ({ detector: "injection", path, ...found }));
    }
    return search.found.map((found) => ({ detector: "injection", path, ...found }));
  }

  /** The parts of a text in which a signature can match: where all that it needs is near. */
  #windowsOf(text: string): readonly SignatureWindows[] {
    const nearby: Nearby[] = [];
    this.#keywords.find(text, (word, at) => {
      const { owner, group } = this.#needs[word] as Need;
      const known = nearby[owner] ?? new Nearby(this.#signatures[owner] as Signature);
      nearby[owner] = known;
      known.hit(group, at);
    });
    const windows: SignatureWindows[] = [];
    // Most texts have words of a few signatures alone; holes are passed over, in order.
    nearby.forEach((known, owner) => {
      windows.push({ owner, windows: known.windows });
    });
    return windows;
  }
}

interface Need {
  readonly word: string;
  /** Number of the signature. */
  readonly owner: number;
  /** Number of the group of words, of each of which the signature needs one. */
  readonly group: number;
}

interface Window {
  readonly start: number;
  end: number;
}

interface SignatureWindows {
  /** Number of the signature. */
  readonly owner: number;
  readonly windows: readonly Window[];
}

/** Where one signature can match, as its words come. */
class Nearby {
  readonly windows: Window[] = [];
  readonly #reach: number;
  /** Where each group was met last. */
  readonly #last: number[];

  constructor({ needs, reach }: Signature) {
    this.#reach = reach;
    this.#last = needs.map(() => Number.NEGATIVE_INFINITY);
  }

  hit(group: number, at: number): void {
    this.#last[group] = at;
    if (this.#last.some((other) => at - other > this.#reach)) return;
    const [start, end] = [Math.max(0, at - this.#reach), at + this.#reach];
    const last = this.windows.at(-1);
    const isFull = last !== undefined && end - last.start > signatureLimits.windowChars;
    // The next one begins where whatever this word belongs to may begin.
    if (last === undefined || start > last.end || isFull) this.windows.push({ start, end });
    else last.end = end;
  }
}

type Found = Pick<Finding, "kind" | "start" | "end" | "score">;

/** One text; the work is counted over all that it is written in. */
class Search {
  readonly found: Found[] = [];
  readonly #signatures: readonly Signature[];
  readonly #known: Set<number> = new Set();
  #workChars = 0;
  #untilPauseChars: number = signatureLimits.turnChars;

  constructor(signatures: readonly Signature[]) {
    this.#signatures = signatures;
  }

  /** False where it became too much work. */
  async look(view: View, all: readonly SignatureWindows[]): Promise<boolean> {
    for (const { owner, windows } of all) {
      for (const { start, end } of windows) {
        if (this.#known.has(owner)) break;
        const part = view.text.slice(start, end);
        if (!(await this.#work(part.length))) return false;
        this.#match(owner, { view, part, start });
      }
    }
    return true;
  }

  #match(owner: number, { view, part, start }: Place): void {
    const signature = this.#signatures[owner];
    // Whether it matches is told much sooner than where.
    if (!signature?.pattern.test(part)) return;
    const matcher = signature.pattern.matcher(part);
    if (!matcher.find()) return;
    this.#known.add(owner);
    const range = view.original(start + matcher.start(), start + matcher.end());
    const kind = `injection:${signature.id}`;
    this.found.push({ kind, start: range.start, end: range.end, score: signature.score });
  }

  /** Others have their turn, too. */
  async #work(chars: number): Promise<boolean> {
    this.#workChars += chars;
    this.#untilPauseChars -= chars;
    if (this.#workChars > signatureLimits.workChars) return false;
    if (this.#untilPauseChars > 0) return true;
    this.#untilPauseChars = signatureLimits.turnChars;
    await setImmediate();
    return true;
  }
}

interface Place {
  readonly view: View;
  readonly part: string;
  readonly start: number;
}
