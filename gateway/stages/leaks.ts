import type { Finding } from "../../manifests/finding.ts";
import { visitLeaves } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import type { Checked } from "../state.ts";

/** Arguments of a call that reaches outside, with what the session read of secret results in them. */
export function leaksIn({ tool, index, proposal }: Checked): readonly Finding[] {
  if (!tool.manifest.effects.includes("external")) return [];
  const found: Finding[] = [];
  visitLeaves(proposal.arguments, (leaf, path) => {
    if (found.length >= limits.findingsPerCall || !index.carriesSecret(String(leaf))) return;
    const end = String(leaf).length;
    found.push({ detector: "provenance", kind: "leak:secret", path, start: 0, end, score: 1 });
  });
  return found;
}
