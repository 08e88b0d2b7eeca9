import type { Handling } from "../../guardrails/actions.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { spotlit } from "../../manifests/spotlight.ts";
import type { Deps } from "../deps.ts";
import type { Handed } from "../state.ts";

/**
 * The form in which the agent gets an output that has been read and redacted.
 *
 * @throws {Refusal} `OUTPUT_BLOCKED` where it gets nothing.
 */
export function handOver(
  output: JsonValue,
  handling: Handling,
  { newSeed }: Pick<Deps, "newSeed">,
): Handed {
  const { whole, actions } = handling;
  switch (whole) {
    case "record":
      return { output, actions };
    case "annotate":
      return { ...spotlit(output, newSeed), actions };
    case "quarantine":
    case "ask":
    case "block":
      throw new Refusal("OUTPUT_BLOCKED", whyBlocked(handling));
  }
}

function whyBlocked({ because }: Handling): string {
  return `the tool has run, and its output is withheld: ${because.join(", ")} was found in it`;
}
