import type { Mutation } from "./mutations.ts";

const room = "sandbox/container/";
const cordon = `${room}pool/cordon.ts`;
const demand = `${room}pool/demand.ts`;
const fleet = `${room}pool/fleet.ts`;
const pool = `${room}pool/container-pool.ts`;
const startPause = "sandbox/pool/start-pause.ts";
const standing = `${room}pool/standing.ts`;
const life = `${room}launcher/container-life.ts`;
const processes = `${room}launcher/processes.ts`;

/** Who gets which container, and how many there are. */
const pools: readonly Mutation[] = (
  [
    {
      takesOut: "containers are their cordon's",
      ...{
        file: fleet,
        from: 'place.state !== "waits" || place.cordon.key !== key',
        to: 'place.state !== "waits" || key === ""',
      },
    },
    {
      takesOut: "a container serves one call",
      ...{ file: fleet, from: '      place.state = "serves";\n', to: "" },
    },
    {
      takesOut: "what was replaced while it was mounted is shown to nobody",
      ...{
        file: standing,
        from: "if ((await deps.groundOf(cordon.mounts)) === cordon.ground) return",
        to: "if (cordon.ground !== undefined) return",
      },
    },
    {
      takesOut: "there are so many containers",
      ...{
        file: fleet,
        from: "return all.length <= containers && fits;",
        to: "return fits;",
      },
    },
    {
      takesOut: "so many start at a time",
      ...{
        file: fleet,
        from: '    if (this.count("starts") >= containerLimits.containerStarts) return false;\n',
        to: "",
      },
    },
    {
      takesOut: "memory of all containers is bounded",
      ...{
        file: fleet,
        from: "all.length <= containers && fits;",
        to: "all.length <= containers;",
      },
    },
    {
      takesOut: "who ends still has a place",
      ...{
        file: fleet,
        from: "this.#hasRoom([cordon], () => true)",
        to: 'this.#hasRoom([cordon], ({ state }) => state !== "ends")',
      },
    },
    {
      takesOut: "idle containers are ended one day",
      ...{ file: fleet, from: 'if (place.state === "waits" && isIdle) this.#end(place);', to: "" },
    },
    {
      takesOut: "who starts while the pool closes is ended",
      ...{ file: fleet, from: "    if (this.#closing.signal.aborted) this.#end(place);\n", to: "" },
    },
    {
      takesOut: "what spoke before its call is not used",
      ...{
        file: standing,
        from: 'else fail(new Refusal("SANDBOX_CRASH", spoke));',
        to: "",
      },
    },
    {
      takesOut: "what died before its call is not used",
      ...{
        file: standing,
        from: "void this.launched.ended.then((ended) => fail(deathOf(ended)));",
        to: "",
      },
    },
    {
      takesOut: "a start that came to nothing leaves no way out",
      ...{
        file: standing,
        from: "    await socket?.close();\n    throw error;",
        to: "    throw error;",
      },
    },
    {
      takesOut: "a start that failed is followed by a pause",
      ...{ file: demand, from: "    this.#pause.failed(now);\n", to: "" },
    },
    {
      takesOut: "starts that fail together have one pause",
      ...{ file: startPause, from: "    if (this.leftMs(now) > 0) return;\n", to: "" },
    },
    {
      takesOut: "what is mounted by choice gets its container when it is chosen again",
      ...{
        file: demand,
        from: "if (this.#calls === 1 && this.cordon.mounts.length > 0) return 0;",
        to: "",
      },
    },
    {
      takesOut: "few wait for one cordon",
      ...{
        file: demand,
        from: "Math.min(spares, containerLimits.containersSparePerCordon)",
        to: "spares",
      },
    },
    {
      takesOut: "more wait where more calls come",
      ...{
        file: demand,
        from: "Math.max(Math.round(this.#weightAt(now)), 1)",
        to: "this.#weightAt(now) < 0 ? 0 : 1",
      },
    },
    {
      takesOut: "none waits for a cordon that is over",
      ...{ file: pool, from: "if (demand.isPast(now)) this.#demands.delete(key);", to: "" },
    },
    {
      takesOut: "answers leave before a container starts for later",
      ...{
        file: pool,
        from: "    this.#refilling ??= setTimeout",
        to: "    this.#refill();\n    this.#refilling ??= setTimeout",
      },
    },
    {
      takesOut: "whoever comes later does not get the room of the first",
      ...{
        file: pool,
        from: "left.every((call) => this.#secure(call, promised));",
        to: "left.forEach((call) => this.#secure(call, promised));",
      },
    },
    {
      takesOut: "the one that was needed longest ago makes place",
      ...{
        file: pool,
        from: "this.#calledAt(a) - this.#calledAt(b)",
        to: "this.#calledAt(b) - this.#calledAt(a)",
      },
    },
    {
      takesOut: "where none starts nobody waits",
      ...{ file: pool, from: "      call.fail(refusal);\n", to: "" },
    },
    {
      takesOut: "who waits when the pool closes is told",
      ...{ file: pool, from: "    this.#waiting.failAll(closed());\n", to: "" },
    },
    {
      takesOut: "a closed pool gives no container",
      ...{ file: pool, from: "if (this.#isClosed) return Promise.reject(closed());", to: "" },
    },
  ] as const
).map((one) => ({ ...one, test: `${room}pool/container-pool.test.ts` }));

/** What the launcher sees of a container by itself. */
const groups: readonly Mutation[] = [
  {
    takesOut: "what all processes of a call use is counted",
    ...{
      file: life,
      from: "processes.cpuMs() <= cpuMs",
      to: "processes.cpuMs() >= 0 * cpuMs",
    },
    test: "tests/container-calls-runc.test.ts",
  },
  {
    takesOut: "a killed container has ended when its processes have",
    ...{
      file: processes,
      from: "if (processes.length === 0) return true;",
      to: "if (processes.length >= 0) return true;",
    },
    test: "tests/container-calls-runc.test.ts",
  },
];

/** Who may take whose container. */
const parts = [
  "principal",
  "pin",
  "tier",
  "bundle",
  "memoryMb",
  "cpuMs",
  "mounts",
  "ground",
  "network",
];
const cordons: readonly Mutation[] = parts.map((part) => ({
  takesOut: `a cordon goes by \`${part}\``,
  file: cordon,
  from: `const parts = [${parts.join(", ")}]`,
  to: `const parts = [${parts.filter((other) => other !== part).join(", ")}]`,
  test: `${room}pool/cordon.test.ts`,
}));

export const containerPoolMutations: readonly Mutation[] = [...pools, ...groups, ...cordons];
