import { limits } from "../../manifests/limits.ts";
import { once } from "../../manifests/once.ts";
import { viewLimits } from "../../manifests/view-limits.ts";
import { type Disguise, type Normalised, normalise } from "../normalise.ts";
import { structureOf } from "../structure/structure.ts";
import { decodedBlocks, type UnpackBudget } from "./blocks.ts";
import { hiddenIn } from "./hidden.ts";
import type { Assembled } from "./pieces.ts";
import { type Origin, rereadings } from "./rewritings.ts";
import { rewritten } from "./rewritten.ts";
import { type Survey, survey } from "./survey.ts";
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
  const reading = new Reading(text.length);
  const disguises = reading.read(text);
  return { all: reading.all, disguises, unread: reading.unread };
}

/** A view to be read in what it is written in. */
interface Step {
  readonly view: View;
  /** How often something was taken off. */
  readonly depth: number;
  /** Of the view, as it is found out. */
  readonly worn: Range[];
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

  read(text: string): readonly Disguise[] {
    const { disguises } = this.#show(given, { text, place: inGiven, layers: [] });
    for (const step of this.#steps) this.#decode(step);
    return disguises;
  }

  #decode(step: Step): void {
    const { view, origin } = step;
    const found = survey(view.text);
    this.#reread(step, found);
    if (found.hasRun) this.#unpack(step);
    if (origin && !origin.changed.some((range) => mayHoldTags(view.text, range))) return;
    for (const reading of view.structure().readings) this.#addDecoded(step, reading);
  }

  #reread(step: Step, found: Survey): void {
    for (const read of rereadings(step.view, found, step.origin)) {
      const { text, original, changed, layers, changes } = read;
      this.#add(step, { text, place: original, layers, origin: { changed } });
      const isMended = this.#known.has(text) && layers.join() === "leetspeak";
      if (isMended && step.worn.length === 0) for (const change of changes) step.worn.push(change);
    }
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

  #add(step: Step, read: Read): void {
    if (this.#known.has(read.text)) return;
    this.#charsLeft -= read.text.length;
    if (!this.#isFull(step.depth + 1)) {
      this.#show(step, read);
      return;
    }
    const range = read.place(0, read.text.length);
    this.#leave(step.view.original(range.start, range.end));
  }

  /** What shows of it is one view; what is hidden in it, where it stands, another one. */
  #show(step: Step, { text, place, layers: taken, origin }: Read): Normalised {
    this.#known.add(text);
    const { view, depth } = step;
    const normalised = normalise(text);
    const { text: shown, original, disguises } = normalised;
    const whole = (start: number, end: number): Range => {
      const inDecoded = original(start, end);
      const inView = place(inDecoded.start, inDecoded.end);
      return view.original(inView.start, inView.end);
    };
    const layers = [...view.layers, ...taken];
    const worn: Range[] = [];
    const added = { ...{ text: shown, layers, original: whole, worn }, ...structured(shown) };
    this.all.push(added);
    const isSame = shown === text && origin !== undefined;
    this.#steps.push({ view: added, depth: depth + 1, worn, ...(isSame && { origin }) });
    const hidden = rewritten(text, hiddenIn(text, disguises));
    if (hidden) this.#add(step, { ...within(place, hidden), layers: [...taken, "hidden"] });
    return normalised;
  }

  #isFull(depth: number): boolean {
    return depth > viewLimits.depth || this.all.length > viewLimits.perText || this.#charsLeft < 0;
  }

  #leave(range: Range): void {
    if (this.unread.length < limits.findingsPerCall) this.unread.push(range);
  }
}

function inGiven(start: number, end: number): Range {
  return { start, end };
}

const given: Step = {
  view: { ...{ text: "", layers: [], original: inGiven, worn: [] }, ...structured("") },
  ...{ depth: -1, worn: [] },
};

/** What is read in a part of a view, where in the view it stands. */
function within(place: Decoded["place"], read: Assembled): Pick<Read, "text" | "place"> {
  return {
    text: read.text,
    place: (start, end) => {
      const inPart = read.original(start, end);
      return place(inPart.start, inPart.end);
    },
  };
}

function structured(text: string): Pick<View, "structure"> {
  return { structure: once(() => structureOf(text)) };
}

function mayHoldTags(text: string, { start, end }: Range): boolean {
  return text.slice(start, end).includes("<");
}
