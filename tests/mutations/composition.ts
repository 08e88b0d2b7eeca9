import type { Mutation } from "./mutations.ts";

const compose = "docker-compose.yml";
const up = "tests/composition-up.test.ts";

/** What the composition grants, and to whom. */
export const compositionMutations: readonly Mutation[] = [
  {
    takesOut: "the agent's network leads nowhere",
    ...{ file: compose, from: "    internal: true\n", to: "    internal: false\n" },
    test: up,
  },
  {
    takesOut: "this machine has no address on the agent's network",
    file: compose,
    from: '      com.docker.network.bridge.inhibit_ipv4: "true"\n',
    to: '      com.docker.network.bridge.inhibit_ipv4: "false"\n',
    test: up,
  },
  {
    takesOut: "the engine asks nobody for the agent's names",
    ...{ file: compose, from: '    dns: ["127.0.0.1"]\n', to: "" },
    test: up,
  },
];
