import type { Handling } from "../../guardrails/actions.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { spotlit } from "../../manifests/spotlight.ts";
import type { Deps } from "../deps.ts";
import type { Handed, Ran } from "../state.ts";
import { askFor, quarantine } from "./withhold.ts";

export type HandOverNeeds = Pick<Deps, "clock" | "newId" | "newSeed">;

/**
 * The form in which the agent gets an output that has been read and redacted.
 *
 * @throws {Refusal} `OUTPUT_BLOCKED` where it gets nothing.
 */
export function handOver(
  state: Ran,
  { output, handling }: { readonly output: JsonValue; readonly handling: Handling },
  deps: HandOverNeeds,
): Handed {
  const { whole, actions, because } = handling;
  switch (whole) {
    case "record":
      return { output, actions };
    case "annotate":
      return { ...spotlit(output, deps.newSeed), actions };
    case "quarantine":
    case "ask": {
      const withheld = { output, because, released: spotlit(output, deps.newSeed) };
      const hold = whole === "ask" ? askFor : quarantine;
      return { output, actions, withheld: hold(state, withheld, deps) };
    }
    case "block":
      throw new Refusal("OUTPUT_BLOCKED", whyBlocked(handling));
  }
}

function whyBlocked({ because }: Handling): string {
  return `the tool has run, and its output is withheld because of: ${because.join(", ")}`;
}
