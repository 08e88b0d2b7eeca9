import type { JsonObject } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerEntry, SandboxResult } from "../../sandbox/sandbox.ts";
import type { Deps } from "../deps.ts";
import type { Proof } from "../self-proof/tier-proof.ts";
import type { Admitted, Ran } from "../state.ts";

type Needs = Pick<Deps, "sandboxes" | "selfProof">;

/** Rings 7 and 8: the tool runs in the tier that its grant names, and nowhere else. */
export async function run(state: Admitted, deps: Needs): Promise<Ran> {
  const { grant, argumentsText: input, signal } = state;
  const sandbox = deps.sandboxes.get(grant.sandbox.tier);
  // It may have failed since the call was admitted.
  const proof = await deps.selfProof.require(grant.sandbox.tier);
  if (sandbox === undefined) throw new Refusal("SANDBOX_UNAVAILABLE");
  const result = await sandbox.run({ grant, code: state.tool.code, input }, signal);
  state.trace.note("sandbox", factsOf(proof, result));
  return state.trace.reach({ ...state, result });
}

/** By `proof` the walls that it ran behind stand in the record, as they were measured. */
function factsOf({ tier, launcher, digest }: Proof, result: SandboxResult): JsonObject {
  return {
    ...{ tier, launcher: launcher ?? null, proof: digest },
    ...result.ranIn,
    ...(result.kind === "failed" && { code: result.code }),
    usage: { ...result.usage },
    broker: result.requests.map(entryFacts),
  };
}

function entryFacts(entry: BrokerEntry): JsonObject {
  return { ...entry } as unknown as JsonObject;
}
