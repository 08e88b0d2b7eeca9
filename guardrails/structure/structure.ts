import type { Decoded } from "../views/view.ts";
import { commentPlaces, mayHoldComments } from "./comments.ts";
import { fieldPlaces, mayHoldFields } from "./fields.ts";
import { frontMatterPlaces } from "./front-matter.ts";
import { readHtml } from "./html.ts";
import { isMail, mailPlaces } from "./mail.ts";
import { markdownPlaces, mayBeMarkdown } from "./markdown.ts";
import type { Place } from "./place.ts";
import { withoutMarkup } from "./reading.ts";
import { cellPlaces, separatorOf } from "./tables.ts";
import { mayBeYaml, yamlPlaces } from "./yaml.ts";

export interface Structure {
  /** Parts that are not simply the prose of the text; one may stand in the other. */
  readonly places: readonly Place[];
  /** The text without its tags and comments: what is shown, and what is hidden, each by itself. */
  readonly readings: readonly Decoded[];
}

/**
 * What a text is made of, as far as its looks say: one without the signs of a genre is not read for it.
 * Linear in the text, whatever it is.
 */
export function structureOf(text: string): Structure {
  const markup = mayBeHtml.test(text) ? readHtml(text) : undefined;
  const places = [...(markup?.places ?? []), ...placesOf(text)];
  const readings = [markup?.shown ?? [], markup?.hidden ?? []];
  return { places, readings: readings.flatMap((parts) => withoutMarkup(text, parts)) };
}

const mayBeHtml = /<[a-z!/?]/i;

function* placesOf(text: string): Generator<Place> {
  if (mayBeMarkdown(text)) yield* markdownPlaces(text);
  yield* frontMatterPlaces(text);
  if (isMail(text)) yield* mailPlaces(text);
  else if (mayBeYaml(text)) yield* yamlPlaces(text);
  const separator = separatorOf(text);
  if (separator) yield* cellPlaces(text, separator);
  if (mayHoldFields(text)) yield* fieldPlaces(text);
  if (mayHoldComments(text)) yield* commentPlaces(text);
}
