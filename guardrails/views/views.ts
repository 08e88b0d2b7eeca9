import { limits } from "../../manifests/limits.ts";
import { viewLimits } from "../../manifests/view-limits.ts";
import { type Disguise, normalise } from "../normalise.ts";
import { decodedBlocks, type UnpackBudget } from "./blocks.ts";
import { mayBeSubstituted, substituted } from "./substitutions.ts";
import type { Decoded, Layer, Range, View } from "./view.ts";

/** All readings of a text that detectors look at. */
export interface Views {
  /** The text as it shows first, then what is written in it in other ways. */
  readonly all: readonly View[];
  /** Of the given text. */
  readonly disguises: readonly Disguise[];
  /** Where there is more that nobody has read: too deep, too many, or too much. */
  readonly unread: readonly Range[];
}

/**
 * Reads a text in each way that it is written in, layer by layer, what is invisible left out in each.
 * Bounded by `viewLimits`; what is beyond is told.
 */
export function viewsOf(text: string): Views {
  const { text: shown, original, disguises } = normalise(text);
  const reading = new Reading({ text: shown, layers: [], original });
  for (const view of reading.all) reading.decode(view);
  return { all: reading.all, disguises, unread: reading.unread };
}

class Reading {
  readonly all: View[] = [];
  readonly unread: Range[] = [];
  readonly #known: Set<string> = new Set();
  readonly #budget: UnpackBudget = { unpacks: viewLimits.unpacked };
  #chars = 0;

  constructor(first: View) {
    this.all.push(first);
    this.#known.add(first.text);
  }

  decode(view: View): void {
    if (mayBeSubstituted.test(view.text)) {
      for (const decoded of substituted(view.text)) this.#add(view, decoded);
    }
    for (const decoded of decodedBlocks(view.text, this.#budget)) {
      if (decoded === "too-much") this.#leave(view.original(0, view.text.length));
      else this.#add(view, decoded);
    }
  }

  #add(view: View, { layer, text, place }: Decoded): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    const layers: readonly Layer[] = [...view.layers, layer];
    this.#chars += text.length;
    if (this.#isFull(layers)) {
      const range = place(0, text.length);
      this.#leave(view.original(range.start, range.end));
      return;
    }
    const { text: shown, original } = normalise(text);
    const whole = (start: number, end: number): Range => {
      const inDecoded = original(start, end);
      const inView = place(inDecoded.start, inDecoded.end);
      return view.original(inView.start, inView.end);
    };
    this.all.push({ text: shown, layers, original: whole });
  }

  #isFull(layers: readonly Layer[]): boolean {
    return (
      layers.length > viewLimits.depth ||
      this.all.length > viewLimits.perText ||
      this.#chars > viewLimits.chars
    );
  }

  #leave(range: Range): void {
    if (this.unread.length < limits.findingsPerCall) this.unread.push(range);
  }
}
