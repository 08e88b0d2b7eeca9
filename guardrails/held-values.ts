import { limits } from "../manifests/limits.ts";
import { Lru } from "../manifests/lru.ts";
import { type Needle, needleOf, placesOf } from "../manifests/reflection.ts";
import { textsIn } from "../manifests/reflection-needles.ts";
import type { Range } from "./views/view.ts";

/**
 * Where one of these values stands in a text: as it is, in other letters, split by what is neither
 * letter nor digit, backwards, in the numbers of its characters, in base64 or base32, or escaped. No
 * more places are told than are listed, and one that says that there are more.
 */
export function heldIn(text: string, values: readonly string[]): readonly Range[] {
  if (values.length === 0) return [];
  return placesOf(text, needlesOf(values)).slice(0, limits.findingsPerCall + 1);
}

/** A gateway has one set of values at a time, and asks for every text. */
const known: Lru<string, readonly Needle[]> = new Lru(2);

function needlesOf(values: readonly string[]): readonly Needle[] {
  const name = values.join("\n");
  const needles = known.get(name) ?? values.flatMap(spelled);
  known.set(name, needles);
  return needles;
}

/** The value, and what a server that takes it apart would say of it. */
function spelled(value: string): readonly Needle[] {
  return [value, ...textsIn(value)].map((text) => needleOf(text, ""));
}
