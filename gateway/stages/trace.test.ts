import { test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { ProvenanceIndex } from "../sessions/provenance/provenance-index.ts";
import type { Checked } from "../state.ts";
import { Trace } from "../trace.ts";
import { trace } from "./trace.ts";

function sourcesOf(args: JsonObject): readonly string[] {
  const index = new ProvenanceIndex();
  const label = { integrity: "trusted", confidentiality: "public" } as const;
  index.add([{ sequence: 1, kind: "task", label, text: "take the apples" }]);
  const session = { label };
  const tool = { manifest: { roles: {}, effects: ["read"] } };
  const proposal = { arguments: args };
  const state = {
    findings: [],
    index,
    session,
    tool,
    trace: new Trace(() => 0),
    proposal,
    carried: [],
  };
  return trace(state as unknown as Checked).elements.map(({ source }) => source);
}

test("elements beyond the limit are not looked up, and count as made up", (t) => {
  const sources = sourcesOf({ list: Array(limits.tracedElements + 1).fill("apples") });
  t.equal(sources.at(limits.tracedElements - 1), "task", "the last that is looked up");
  t.equal(sources.at(limits.tracedElements), "unknown", "the first that is not");
  t.end();
});
