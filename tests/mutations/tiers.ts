import type { Mutation } from "./mutations.ts";

const choose = "gateway/stages/choose-tier.ts";
const chooseTest = "gateway/stages/choose-tier.test.ts";
const admit = "gateway/stages/admit.ts";
const evaluate = "policies/evaluate.ts";
const engineTest = "policies/engine.test.ts";
const parse = "policies/parse.ts";
const parseTest = "policies/parse.test.ts";
const image = "gateway/tools/tool-image.ts";
const imageTest = "gateway/tools/tool-image.test.ts";
const config = "gateway/config/config.ts";
const containers = "gateway/config/containers-config.ts";
const configTest = "gateway/config/config.test.ts";
const selfProof = "gateway/self-proof/self-proof.ts";
const proofTest = "gateway/self-proof/self-proof.test.ts";
const opened = "gateway/launch-containers.ts";
const gatewayTest = "tests/container-gateway.test.ts";
const codeTest = "tests/container-gateway-code.test.ts";
const absentTest = "tests/container-gateway-absent.test.ts";

/** The part of a deployment about containers. */
const deployment: readonly (readonly [takesOut: string, from: string, to: string])[] = [
  [
    "containers have their keys and no others",
    "z.strictObject({\n  engine",
    "z.looseObject({\n  engine",
  ],
  ["a tier is one of containers", "z.enum(containerTiers)", "z.string()"],
  ["one tier at least is offered", "    .min(1)\n", ""],
  ["a path is one", "const path = z.string().min(1);", "const path = z.string();"],
  [
    "a launcher shares the ways out",
    "if (launcher !== undefined && sockets === undefined) {",
    'if (launcher === "") {',
  ],
  [
    "containers are off in production",
    'if (containers?.launcher === undefined && mode === "production") return undefined;',
    "",
  ],
  ["containers that nobody asked for are at need", "containers !== undefined;", "mode.length > 0;"],
  ["the engine has one place", "engine: resolve(folder, engine)", "engine"],
  ["the launcher has one place", "launcher: resolve(folder, launcher)", "launcher"],
  ["the ways out have one place", "sockets: resolve(folder, sockets)", "sockets"],
  ["the file of images has one place", "images: resolve(folder, images)", "images"],
];

export const tiersMutations: readonly Mutation[] = [
  {
    takesOut: "a call of an untrusted session is raised",
    file: choose,
    from: "(isUntrusted && escalate.untrusted) || tier,",
    to: "tier,",
    test: chooseTest,
  },
  {
    takesOut: "a call that carries code is raised",
    file: choose,
    from: "(carriesCode && escalate.code) || tier,",
    to: "tier,",
    test: chooseTest,
  },
  {
    takesOut: "policy raises a call",
    file: choose,
    from: "advised ?? tier,",
    to: "advised ? tier : tier,",
    test: chooseTest,
  },
  {
    takesOut: "policy lowers no call",
    file: choose,
    from: "  return strongestTier(\n    tier,\n",
    to: "  if (advised) return advised;\n  return strongestTier(\n    tier,\n",
    test: chooseTest,
  },
  {
    takesOut: "an untrusted session makes its calls untrusted",
    file: choose,
    from: "[session.label, argumentsLabel].some(",
    to: "[session.label, argumentsLabel].slice(1).some(",
    test: chooseTest,
  },
  {
    takesOut: "untrusted arguments make their call untrusted",
    file: choose,
    from: "[session.label, argumentsLabel].some(",
    to: "[session.label, argumentsLabel].slice(0, 1).some(",
    test: chooseTest,
  },
  {
    takesOut: "an inherited name is no argument",
    file: choose,
    from: 'Object.hasOwn(roles, name) && roles[name] === "command"',
    to: 'roles[name] !== undefined && roles[name] !== "content"',
    test: chooseTest,
  },
  {
    takesOut: "the tier that was chosen is the grant's",
    file: admit,
    from: "return { tier, author, jit, image",
    to: "return { tier: tool.manifest.sandbox.tier, author, jit, image",
    test: codeTest,
  },
  {
    takesOut: "a call without its image is refused before anything is used up",
    file: admit,
    from: 'if (tool.image === undefined) throw new Refusal("IMAGE_UNAVAILABLE");',
    to: "if (tool.image === undefined) return { tier, author, jit };",
    test: gatewayTest,
  },
  {
    takesOut: "a person is shown the tier",
    file: "gateway/approvals/approval.ts",
    from: "    tier: judged.tier,\n",
    to: "",
    test: codeTest,
  },
  {
    takesOut: "the strongest tier that policies name holds",
    file: evaluate,
    from: "{ tier: strongestTier(first, ...others) }",
    to: "{ tier: others.length < 0 ? strongestTier(first) : first }",
    test: engineTest,
  },
  {
    takesOut: "a question names the tier, too",
    file: evaluate,
    from: 'return { kind: "ask", rules: terms, questions, ...more };',
    to: 'return { kind: "ask", rules: terms, questions };',
    test: engineTest,
  },
  {
    takesOut: "a policy that names a tier permits nothing",
    file: evaluate,
    from: 'return without.kind === "allow" ? onTerms(all.rules, without.rules, slice) : denied([]);',
    to: 'return without.kind === "allow" || slice.tiers.size > 0 ? onTerms(all.rules, without.rules, slice) : denied([]);',
    test: engineTest,
  },
  {
    takesOut: "a tier stands on a forbid",
    file: parse,
    from: 'if (term !== undefined && effect !== "forbid") {',
    to: 'if (term === "ask" && effect !== "forbid") {',
    test: parseTest,
  },
  {
    takesOut: "a policy asks or names a tier, not both",
    file: parse,
    from: "if (other !== undefined) {",
    to: "if (other === term) {",
    test: parseTest,
  },
  {
    takesOut: "a tier that a policy names is stronger than the weakest",
    file: parse,
    from: "const strongerTiers = tiers.slice(1);",
    to: "const strongerTiers = tiers;",
    test: parseTest,
  },
  {
    takesOut: "an image is part of the pin",
    file: image,
    from: 'if ("image" in run) return true;',
    to: 'if ("image" in run) return false;',
    test: imageTest,
  },
  {
    takesOut: "the image of code that may run in a container is part of the pin",
    file: image,
    from: "[sandbox.tier, ...Object.values(sandbox.escalate)].some(isContainerTier)",
    to: "[sandbox.tier].some(isContainerTier)",
    test: imageTest,
  },
  {
    takesOut: "only an exact image is taken as it stands",
    file: image,
    from: "return isExactImage(run.image) ? run.image : images.get(run.image);",
    to: "return images.get(run.image) ?? run.image;",
    test: imageTest,
  },
  {
    takesOut: "in production somebody else holds the engine's socket",
    file: containers,
    from: 'if (mode === "production" && launcher === undefined) {',
    to: 'if (mode === "production" && launcher === "") {',
    test: configTest,
  },
  {
    takesOut: "in production no launcher is started",
    file: containers,
    from: 'if (containers?.launcher === undefined && mode === "production") return undefined;',
    to: "",
    test: absentTest,
  },
  ...deployment.map(([takesOut, from, to]) => ({
    ...{ takesOut: `in a deployment: ${takesOut}`, file: containers, from, to },
    test: configTest,
  })),
  ...["engine", "launcher", "sockets", "images"].map((key) => ({
    takesOut: `no tool writes what containers stand on: ${key}`,
    file: config,
    from: `    ["containers.${key}", [containers?.${key}]],\n`,
    to: "",
    test: configTest,
  })),
  {
    takesOut: "a tier at need is promised to nobody",
    file: selfProof,
    from: "const promised = [...this.#tiers.values()].filter(({ isAtNeed }) => !isAtNeed);",
    to: "const promised = [...this.#tiers.values()];",
    test: proofTest,
  },
  {
    takesOut: "a tier at need is measured when it is needed",
    file: selfProof,
    from: ".filter(({ isAtNeed, last }) => !isAtNeed || last)",
    to: "",
    test: proofTest,
  },
  {
    takesOut: "a tier at need that failed waits for the next call",
    file: selfProof,
    from: "    if (one.isAtNeed && !proof.offered) return;\n",
    to: "",
    test: proofTest,
  },
  {
    takesOut: "a tier at need that failed is measured again",
    file: selfProof,
    from: "one.last === undefined || this.#isDue(one)",
    to: "one.last === undefined",
    test: proofTest,
  },
  {
    takesOut: "a tier at need that failed is not measured for each call",
    file: selfProof,
    from: "clock.monotonic() - measuredAt >= limits.selfProofRetryMs",
    to: "clock.monotonic() >= measuredAt",
    test: proofTest,
  },
  {
    takesOut: "no launcher is started where no engine is",
    file: opened,
    from: "if (!isThere) throw",
    to: 'if (engine === "") throw',
    test: absentTest,
  },
  {
    takesOut: "another image than was granted is told nothing",
    file: "sandbox/container/call/run-call.ts",
    from: 'if (isOther(launched.image, this.#job.grant)) return failed("IMAGE_MISMATCH");',
    to: "",
    test: gatewayTest,
  },
  {
    takesOut: "the ways out of a gateway beside this one stay",
    file: "sandbox/broker/proxy/create-egress-proxy.ts",
    from: 'if (await isAnswered(join(folder, "proxy.sock"))) return;',
    to: "",
    test: "tests/security/proxy-calls.test.ts",
  },
  {
    takesOut: "no call in a container is run again",
    file: "gateway/replay/recorded-call.ts",
    from: "  refuseContainers(grant);\n",
    to: "",
    test: gatewayTest,
  },
  {
    takesOut: "a misspelt image is a mistake of its manifest",
    file: "gateway/tools/manifest-problems.ts",
    from: "    findImageProblem(manifest) ??\n",
    to: "",
    test: imageTest,
  },
  {
    takesOut: "an engine that is stopped loses its containers",
    file: "sandbox/container/launcher/container-life.ts",
    from: "return isEnded && !(await engine.isListening()) ? lost : {",
    to: "return isEnded && !engine ? lost : {",
    test: "tests/container-launcher-engine.test.ts",
  },
  {
    takesOut: "an image is not built for an engine that is not there",
    file: "gateway/cli/commands/images.ts",
    from: "  await findEngine(engine);\n",
    to: "",
    test: "tests/cli-images.test.ts",
  },
];
