import type { Mutation } from "./mutations.ts";

const forward = "sandbox/container/images/runner/forward.py";

/** What programs in containers tried with their way out. */
export const containerEgressMutations: readonly Mutation[] = [
  ...["argument: 3, mask: ", "argument: 2, mask: "].map((place) => ({
    takesOut: `nothing urgent is said, by ${place.slice(0, 11)}`,
    file: "sandbox/container/profile/allowed-calls.ts",
    ...{ from: `${place}urgent`, to: `${place}0` },
    test: "sandbox/container/profile/create-options.test.ts",
  })),
  ...["{ allowHalfOpen: true }, ", ", allowHalfOpen: true }"].map((words) => ({
    takesOut: `each half of a tunnel ends by itself at the port of \`node\`: ${words.trim()}`,
    file: "sandbox/container/images/runner/way-out.ts",
    ...{ from: words, to: words.startsWith("{") ? "" : " }" },
    test: "tests/security/container-egress-tunnels.test.ts",
  })),
  {
    takesOut: "what the proxy tears is torn for the program, too",
    file: forward,
    ...{ from: "        tear(target)\n", to: "        pass\n" },
    test: "tests/security/container-egress-calls.test.ts",
  },
  {
    takesOut: "more connections than the gateway takes wait",
    ...{ file: forward, from: "AT_ONCE = 16", to: "AT_ONCE = 64" },
    test: "tests/container-images-agreement.test.ts",
  },
];
