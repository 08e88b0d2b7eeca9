import { limits } from "../../manifests/limits.ts";
import { once } from "../../manifests/once.ts";
import { viewLimits } from "../../manifests/view-limits.ts";
import { type Disguise, normalise } from "../normalise.ts";
import { structureOf } from "../structure/structure.ts";
import { decodedBlocks, type UnpackBudget } from "./blocks.ts";
import { type Origin, rereadings } from "./rewritings.ts";
import { survey } from "./survey.ts";
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
  const reading = new Reading(text.length);
  reading.begin({ ...{ text: shown, layers: [], original }, ...structured(shown) });
  return { all: reading.all, disguises, unread: reading.unread };
}

/** A view to be read in what it is written in. */
interface Step {
  readonly view: View;
  /** How often something was taken off. */
  readonly depth: number;
  readonly origin?: Origin;
}

/** What a part of a view says. */
interface Read extends Omit<Decoded, "layer"> {
  readonly layers: readonly Layer[];
  readonly origin?: Origin;
}

class Reading {
  readonly all: View[] = [];
  readonly unread: Range[] = [];
  readonly #steps: Step[] = [];
  readonly #known: Set<string> = new Set();
  readonly #budget: UnpackBudget = { unpacks: viewLimits.unpacked };
  #charsLeft: number;

  constructor(chars: number) {
    this.#charsLeft = viewLimits.chars + viewLimits.readings * chars;
  }

  begin(view: View): void {
    this.#known.add(view.text);
    this.#push({ view, depth: 0 });
    for (const step of this.#steps) this.#decode(step);
  }

  #decode(step: Step): void {
    const { view, origin } = step;
    const found = survey(view.text);
    for (const { changed, layers, ...read } of rereadings(view.text, found, origin)) {
      this.#add(step, {
        text: read.text,
        place: read.original,
        layers,
        origin: { layers, changed },
      });
    }
    if (found.hasRun) this.#unpack(step);
    if (origin && !origin.changed.some((range) => mayHoldTags(view.text, range))) return;
    for (const reading of view.structure().readings) this.#addDecoded(step, reading);
  }

  #unpack(step: Step): void {
    for (const decoded of decodedBlocks(step.view.text, this.#budget)) {
      if (decoded === "too-much") {
        this.#leave(step.view.original(0, step.view.text.length));
      } else this.#addDecoded(step, decoded);
    }
  }

  #addDecoded(step: Step, { layer, ...read }: Decoded): void {
    this.#add(step, { ...read, layers: [layer] });
  }

  #add({ view, depth }: Step, { text, place, layers: taken, origin }: Read): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    this.#charsLeft -= text.length;
    if (this.#isFull(depth + 1)) {
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
    const layers = [...view.layers, ...taken];
    this.#push({
      view: { ...{ text: shown, layers, original: whole }, ...structured(shown) },
      depth: depth + 1,
      ...(shown === text && origin && { origin }),
    });
  }

  #push(step: Step): void {
    this.all.push(step.view);
    this.#steps.push(step);
  }

  #isFull(depth: number): boolean {
    return depth > viewLimits.depth || this.all.length > viewLimits.perText || this.#charsLeft < 0;
  }

  #leave(range: Range): void {
    if (this.unread.length < limits.findingsPerCall) this.unread.push(range);
  }
}

function structured(text: string): Pick<View, "structure"> {
  return { structure: once(() => structureOf(text)) };
}

function mayHoldTags(text: string, { start, end }: Range): boolean {
  return text.slice(start, end).includes("<");
}
