import { viewsOf } from "../../../guardrails/views/views.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { datesIn } from "./dates.ts";
import { Phrases } from "./phrases.ts";
import { type TypedValue, typedValuesIn, wordsOf } from "./typed-values.ts";

/**
 * What a session has read of results that are secret, so that it is known again when it is about to
 * leave: numbers and names that stand nowhere else, whole or in pieces, whatever stands between their
 * characters; and runs of words. Single words of everybody's language are no secret.
 */
export class SecretsRead {
  readonly #pieces = new Set<string>();
  readonly #addresses = new Set<string>();
  readonly #phrases = new Phrases();
  #isEmpty = true;

  /** @param isSaid whether the user said a value: then it is none. */
  addText(text: string, isSaid: (value: TypedValue) => boolean): void {
    this.#isEmpty = false;
    this.#phrases.add(wordsOf(text));
    const days = new Set(datesIn(text).map(compact));
    for (const value of typedValuesIn(text)) {
      if (isSaid(value)) continue;
      if (value.type === "email") this.#addressed(value.value);
      else if (isTelling(value) && !days.has(compact(value.value))) this.#addPieces(value.value);
    }
  }

  /** Whether a text carries some of it, in any way in which it can be read. */
  areIn(text: string): boolean {
    if (this.#isEmpty) return false;
    return viewsOf(text).all.some(
      (view) => this.#hasPiece(view.text) || this.#hasRun(view.text) || this.#hasAddress(view.text),
    );
  }

  #addressed(value: string): void {
    if (this.#addresses.size < provenanceLimits.secretPieces) this.#addresses.add(value);
  }

  #addPieces(value: string): void {
    for (const piece of piecesOf(compact(value))) {
      if (this.#pieces.size < provenanceLimits.secretPieces) this.#pieces.add(piece);
    }
  }

  #hasAddress(text: string): boolean {
    if (this.#addresses.size === 0 || !text.includes("@")) return false;
    const values = typedValuesIn(text);
    return values.some(({ type, value }) => type === "email" && this.#addresses.has(value));
  }

  #hasPiece(text: string): boolean {
    const letters = compact(text);
    const { pieceCharsLeast: least, pieceChars: most } = provenanceLimits;
    for (let at = 0; at + least <= letters.length; at += 1) {
      for (let chars = least; chars <= most; chars += 1) {
        if (this.#pieces.has(letters.slice(at, at + chars))) return true;
      }
    }
    return false;
  }

  #hasRun(text: string): boolean {
    const words = wordsOf(text);
    const { runWords } = provenanceLimits;
    for (let at = 0; at + runWords <= words.length; at += 1) {
      if (this.#phrases.has(words.slice(at, at + runWords)) === "yes") return true;
    }
    return false;
  }
}

/** Long enough, with a digit in it. A host's name stands in many an address. */
function isTelling({ type, value }: TypedValue): boolean {
  const isNumber = type === "account" || (type === "word" && !/[@/]/.test(value));
  const isLong = compact(value).length >= provenanceLimits.pieceCharsLeast;
  return isNumber && isLong && /\d/.test(value);
}

/** All runs of one length; what is shorter is one. */
function piecesOf(value: string): readonly string[] {
  const { pieceChars } = provenanceLimits;
  if (value.length <= pieceChars) return [value];
  return Array.from({ length: value.length - pieceChars + 1 }, (_, at) =>
    value.slice(at, at + pieceChars),
  );
}

/** Whoever takes something out puts what he likes between its characters. */
function compact(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
