import type { Mutation } from "./mutations.ts";

const compose = "docker-compose.yml";
const rules = "tests/composition.test.ts";
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
  {
    takesOut: "the launcher is on no network",
    ...{ file: compose, from: "    network_mode: none\n", to: "    networks: [outside]\n" },
    test: rules,
  },
  {
    takesOut: "the launcher sees what its containers use",
    ...{ file: compose, from: "    pid: host\n", to: "" },
    test: rules,
  },
  {
    takesOut: "the launcher writes no control group",
    file: compose,
    from: "target: /sys/fs/cgroup\n        read_only: true\n",
    to: "target: /sys/fs/cgroup\n",
    test: rules,
  },
  {
    takesOut: "the agent's user is its own",
    ...{ file: compose, from: 'user: "10002:10002"', to: 'user: "10001:10001"' },
    test: rules,
  },
  {
    takesOut: "nobody writes policies",
    file: compose,
    from: "/policies\n        read_only: true\n",
    to: "/policies\n",
    test: rules,
  },
  {
    takesOut: "the gateway's system calls are filtered",
    file: compose,
    from: "      - seccomp=deploy/seccomp-gateway.json\n",
    to: "      - seccomp=unconfined\n",
    test: rules,
  },
  {
    takesOut: "the gateway forwards nothing",
    ...{ file: compose, from: 'net.ipv4.ip_forward: "0"', to: 'net.ipv4.ip_forward: "1"' },
    test: rules,
  },
  {
    takesOut: "nobody in the composition has a capability",
    ...{ file: compose, from: "  cap_drop: [ALL]\n", to: "" },
    test: rules,
  },
  {
    takesOut: "the operators' door is on no network",
    file: "deploy/ringward.yaml",
    from: "operators: { host: 127.0.0.1",
    to: "operators: { host: 0.0.0.0",
    test: rules,
  },
  {
    takesOut: "the image does not run as root",
    ...{ file: "Dockerfile", from: "USER 10001:10001\n", to: "" },
    test: rules,
  },
];
