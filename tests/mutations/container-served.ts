import type { Mutation } from "./mutations.ts";

const room = "sandbox/container/service/";
const served = "tests/security/container-served.test.ts";
const turns = "tests/security/container-served-turns.test.ts";
const services = "tests/security/container-services.test.ts";

const kept = [
  ["session", "session, permissions, secrets, label]", "permissions, secrets, label]"],
  ["permissions", "session, permissions, secrets, label]", "session, secrets, label]"],
  ["secrets", "session, permissions, secrets, label]", "session, permissions, label]"],
  ["label", "session, permissions, secrets, label]", "session, permissions, secrets]"],
  ["container's cordon", "[cordon.key, ", "["],
] as const;

const conversation = `${room}conversation.ts`;
const serveCall = `${room}serve-call.ts`;
const keeper = `${room}services.ts`;

export const containerServedMutations: readonly Mutation[] = [
  ...kept.map(([what, from, to]) => ({
    takesOut: `a service is kept apart by its ${what}`,
    ...{ file: `${room}service-cordon.ts`, from, to, test: served },
  })),
  {
    takesOut: "what a service read before is in its label",
    ...{ file: conversation, from: "joinLabels(this.memory, label)", to: "this.memory" },
    test: served,
  },
  {
    takesOut: "what a service knows is in the label of what it says",
    ...{ file: serveCall, from: ", known: conversation.memory", to: "" },
    test: served,
  },
  {
    takesOut: "a service that speaks unasked is ended",
    ...{
      file: conversation,
      from: 'stream === "stdout" && !isBlank(bytes)',
      to: "bytes.length < 0",
    },
    test: served,
  },
  {
    takesOut: "a service may say so much between two calls",
    file: conversation,
    from: "this.#murmuredBytes <= containerLimits.errorBytes",
    to: "this.#murmuredBytes >= 0",
    test: served,
  },
  {
    takesOut: "a service that answers twice has said nothing",
    ...{ file: conversation, from: "&& hearing.isLate ?", to: "&& hearing.isLate === undefined ?" },
    test: served,
  },
  {
    takesOut: "a service that did not answer is ended",
    ...{ file: conversation, from: 'if (believed.kind === "failed") {', to: "if (!believed) {" },
    test: served,
  },
  {
    takesOut: "a service is waited for no longer than its call may run",
    file: conversation,
    from: 'setTimeout(() => forced.resolve(failed("TIMEOUT_WALL")), wallMs)',
    to: "setTimeout(() => undefined, wallMs)",
    test: served,
  },
  {
    takesOut: "a call in a service can be cancelled",
    ...{ file: conversation, from: 'forced.resolve(failed("CANCELLED"))', to: "undefined" },
    test: turns,
  },
  {
    takesOut: "the door of a call is shut before the next has its turn",
    ...{ file: serveCall, from: "      await shut();\n", to: "" },
    test: served,
  },
  {
    takesOut: "files that a service leaves are refused",
    file: serveCall,
    from: "await copyOut(verdict.files ?? {}, door)",
    to: "await copyOut({}, door)",
    test: served,
  },
  {
    takesOut: "a service of another image is told nothing",
    ...{ file: serveCall, from: "if (isOther(instance.image, job.grant))", to: "if (false)" },
    test: turns,
  },
  {
    takesOut: "whoever waits for a turn can give up",
    ...{ file: "sandbox/broker/gate.ts", from: "this.#waiting.splice(at, 1);", to: "" },
    test: "sandbox/broker/gate.test.ts",
  },
  ...(
    [
      [
        "code of an agent",
        'if (sandbox.author === "agent") {\n    complain(context, ["run"',
        'if (false) {\n    complain(context, ["run"',
      ],
      [
        "files to write",
        'if (access === "write") complain(context, place',
        "if (false) complain(context, place",
      ],
      ["files that an argument names", 'if (path.includes("{{"))', "if (false)"],
    ] as const
  ).map(([what, from, to]) => ({
    takesOut: `a service has no ${what}`,
    ...{ file: "manifests/manifest-rules.ts", from, to, test: "manifests/manifest.test.ts" },
  })),
  {
    takesOut: "a service's processor time is that of many calls",
    file: "sandbox/container/profile/create-options.ts",
    from: 'launchable.lifecycle === "call" ?',
    to: "launchable.cpuMs > 0 ?",
    test: "sandbox/container/profile/create-options.test.ts",
  },
  {
    takesOut: "a service that spins is ended",
    file: "sandbox/container/launcher/prepare-launch.ts",
    from: "cpuMs: hardCpu * 1_000 };",
    to: "cpuMs: isService ? Number.POSITIVE_INFINITY : hardCpu * 1_000 };",
    test: "sandbox/container/launcher/prepare-launch.test.ts",
  },
  ...(
    [
      ["gateway/stages/admit.ts", "image: tool.image, lifecycle }", "image: tool.image }"],
      [
        "sandbox/container/container-sandbox.ts",
        'job.grant.sandbox.lifecycle === "service" ? serveCall : runCall',
        "runCall",
      ],
    ] as const
  ).map(([file, from, to]) => ({
    takesOut: "a tool that stays is kept",
    ...{ file, from, to, test: "tests/container-gateway-service.test.ts" },
  })),
  {
    takesOut: "a service shows what was looked through",
    ...{ file: keeper, from: "(await this.#options.groundOf(mounts)) === ground &&", to: "" },
    test: turns,
  },
  {
    takesOut: "there are so many services",
    ...{ file: keeper, from: "all.length < services && fits", to: "fits" },
    test: services,
  },
  {
    takesOut: "memory of all services is bounded",
    ...{ file: keeper, from: "all.length < services && fits", to: "all.length < services" },
    test: services,
  },
  {
    takesOut: "one principal leaves places for services of others",
    ...{ file: keeper, from: "own.length >= containerLimits.servicesPerPrincipal", to: "false" },
    test: services,
  },
  {
    takesOut: "the places of others are not for a principal that has its own",
    ...{ file: keeper, from: "!isFull || place.cordon.principal === cordon.principal", to: "true" },
    test: services,
  },
  {
    takesOut: "a service that serves makes place for nobody",
    ...{ file: keeper, from: ".filter(({ users }) => users === 0)", to: "" },
    test: services,
  },
  {
    takesOut: "a service that nobody uses is ended",
    ...{ file: keeper, from: "place.usedAt <= past", to: "place.usedAt < 0" },
    test: services,
  },
  {
    takesOut: "no service is left when all are closed",
    file: keeper,
    from: "for (const place of this.#places.values()) this.#end(place);",
    to: "",
    test: services,
  },
];
