import { Document, type Scalar, stringify, type YAMLMap } from "yaml";

import { limits } from "../../../manifests/limits.ts";
import type { Effect } from "../../../manifests/manifest.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { type Guess, guessEffects, guessRole, isVerb, propertiesOf, wordsOf } from "./guesses.ts";
import type { ListedTool } from "./listed-tool.ts";

/**
 * A manifest to begin with, as YAML. Whatever was guessed has its reason beside it, in a comment: a
 * person reads it, and writes the code that it names. What nobody could tell is the strictest.
 */
export function draftManifest(tool: ListedTool): { readonly name: string; readonly text: string } {
  const name = manifestNameOf(tool.name);
  const effects = guessEffects(tool);
  const roles = Object.entries(propertiesOf(tool)).map(
    ([argument, schema]) => [argument, guessRole(argument, schema, effects.value)] as const,
  );
  const draft = new Document({
    ...{ apiVersion: "ringward/v1", kind: "Tool", name, version: "0.1.0" },
    description: tool.description.trim().slice(0, 2_000) || name,
    input: { ...tool.input, type: "object", additionalProperties: false },
    ...(roles.length > 0 && {
      roles: Object.fromEntries(roles.map(([key, { value }]) => [key, value])),
    }),
    effects: [...effects.value],
    asked: askedWords(tool, effects.value),
    output: { schema: tool.output ?? true, integrity: "untrusted" },
    run: { js: `./${name}.ts` },
  });
  for (const [argument, guess] of roles) explain(draft, ["roles", argument], guess);
  explain(draft, ["effects"], effects);
  explain(draft, ["output", "integrity"], { because: "nobody has said whose word it is" });
  explain(draft, ["run"], { because: "to be written" });
  flow(draft, ["effects"]);
  flow(draft, ["asked"]);
  return { name, text: stringify(draft, { lineWidth: 100 }) };
}

/** What a tool of somebody else's list is called in its manifest: words of ASCII joined by `_`. */
export function manifestNameOf(name: string): string {
  const words = wordsOf(name)
    .join("_")
    .slice(0, limits.toolNameChars - "tool_".length);
  const named = words.replace(/_+$/, "");
  return /^[a-z]/.test(named) ? named : `tool_${named || "unnamed"}`;
}

/** Words of a task that ask for what changes something: what the tool's own name says it does. */
function askedWords({ name }: ListedTool, effects: readonly Effect[]): readonly string[] {
  if (effects.every((effect) => effect === "read")) return [];
  const words = wordsOf(name).filter((word) => /^[a-z]{3,}$/.test(word));
  const verbs = words.filter(isVerb);
  return (verbs.length > 0 ? verbs : words).map((word) =>
    word.slice(0, provenanceLimits.askedWordChars),
  );
}

function explain(
  draft: Document,
  path: readonly string[],
  { because }: Pick<Guess<unknown>, "because">,
): void {
  const node = draft.getIn(path, true) as Scalar | undefined;
  if (node) node.comment = ` guessed: ${because}`;
}

function flow(draft: Document, path: readonly string[]): void {
  const node = draft.getIn(path, true) as YAMLMap | undefined;
  if (node) node.flow = true;
}
