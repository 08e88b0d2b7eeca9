import type { Mutation } from "./mutations.ts";

const unit = "gateway/self-proof/self-proof.test.ts";
const proof = "tests/self-proof.test.ts";
const development = "tests/development-mode.test.ts";
const selfProof = "gateway/self-proof/self-proof.ts";
const tierProof = "gateway/self-proof/tier-proof.ts";
const ground = "sandbox/isolate/proof/ground.ts";
const serve = "gateway/serve.ts";

export const selfProofMutations: readonly Mutation[] = [
  {
    takesOut: "a tier whose last proof failed is not offered",
    file: selfProof,
    from: "if (proof?.offered !== true || this.#isClosed)",
    to: "if (proof === undefined || this.#isClosed)",
    test: unit,
  },
  {
    takesOut: "a proof that cannot be written has failed",
    file: tierProof,
    from: 'return { ...proof, ...failed(proof, missing("the proof is on record", error)) };',
    to: "return error ? proof : proof;",
    test: unit,
  },
  {
    takesOut: "a proof that errs has failed",
    file: tierProof,
    from: "return { offered: false, walls: [...walls, hole] };",
    to: "return { offered: true, walls: [...walls, hole] };",
    test: unit,
  },
  {
    takesOut: "proofs do not overlap",
    file: selfProof,
    from: "one.running ??= this.#measure(one)",
    to: "one.running = this.#measure(one)",
    test: unit,
  },
  {
    takesOut: "nothing is proved after the end",
    file: selfProof,
    from: "if (this.#isClosed) return undefined;",
    to: "",
    test: unit,
  },
  {
    takesOut: "a call is refused before anything is used up",
    file: "gateway/stages/admit.ts",
    from: "await deps.selfProof.require(tier, raiseOf(tool.manifest.sandbox.tier, tier));",
    to: "",
    test: proof,
  },
  {
    takesOut: "a call does not run in a tier that failed since it was admitted",
    file: "gateway/stages/run.ts",
    from: "await deps.selfProof.require(grant.sandbox.tier);",
    to: 'await Promise.resolve({ tier: "isolate" as const, digest: "", launcher: "" });',
    test: proof,
  },
  {
    takesOut: "in production nothing runs without walls",
    file: ground,
    from: "if (isFirst && this.#options.mayLackWalls)",
    to: "if (isFirst)",
    test: development,
  },
  {
    takesOut: "what was decided at the start is not decided again",
    file: ground,
    from: "if (isFirst && this.#options.mayLackWalls)",
    to: "if (this.#options.mayLackWalls)",
    test: development,
  },
  {
    takesOut: "only a system that refuses it has no jail",
    file: ground,
    from: "forbidden.test(first.measured)",
    to: "first.measured",
    test: development,
  },
  {
    takesOut: "development listens on loopback alone",
    file: serve,
    from: "    refuseFarListeners(gateway.config.listen, options.behindProxy);\n",
    to: "",
    test: development,
  },
  {
    takesOut: "who comes out of the jail is counted",
    file: "sandbox/isolate/proof/probe-jail.ts",
    from: "String(snares.caught)",
    to: '"0"',
    test: "tests/security/isolate-proof-util-linux.test.ts",
  },
];
