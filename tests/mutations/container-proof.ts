import type { Mutation } from "./mutations.ts";

const holes = "tests/container-proof-holes.test.ts";
const proof = "tests/container-proof.test.ts";
const versions = "sandbox/container/proof/known-holes.test.ts";

type Change = readonly [takesOut: string, from: string, to: string];

/** What a tier of containers is offered by. */
export const containerProofMutations: readonly Mutation[] = [
  ...["inner-walls.ts", "host-kernel-walls.ts"].flatMap(proofRows),
  {
    takesOut: "a probe that does not start in time is started again",
    file: "sandbox/container/proof/run-probe.ts",
    from: 'if (!(error instanceof Refusal && error.code === "CANCELLED")) throw error;',
    to: "throw error;",
    test: proof,
  },
  {
    takesOut: "a probe that is refused is not started again",
    file: "sandbox/container/proof/run-probe.ts",
    from: ' && error.code === "CANCELLED")',
    to: ")",
    test: proof,
  },
  {
    takesOut: "a probe whose processor time nothing ends is not waited for",
    file: "sandbox/container/proof/probe-launchables.ts",
    from: "Number(seconds) >= 10",
    to: "Number(seconds) >= 400",
    test: proof,
  },
  {
    takesOut: "a tier whose floor has a hole is not offered",
    file: "sandbox/container/proof/prove-tier.ts",
    from: "walls.every(({ floor, holds }) => holds || !floor)",
    to: "walls.length > 0",
    test: proof,
  },
  {
    takesOut: "runc of a known escape is named",
    file: "sandbox/container/proof/known-holes.ts",
    from: "!isBefore(version, [1, 2, 8])",
    to: "!isBefore(version, [1, 2, 0])",
    test: versions,
  },
];

/** Walls that would hold whatever was measured. */
function proofRows(file: string): readonly Mutation[] {
  const walls: Readonly<Record<string, readonly Change[]>> = {
    "inner-walls.ts": [
      ["ids are looked at", "every(/^65532$/, 9)", "() => true"],
      ["capabilities are looked at", "every(/^0+$/, 4)", "() => true"],
      ["the environment is looked at", "every(ownVariable, 4)", "() => true"],
      ["what can be written is looked at", 'is("/tmp /work")', "() => true"],
      ["devices of the network are looked at", 'is("lo")', "() => true"],
      ["what a connection may hold is looked at", "(seen), is(wanted)", "(seen), () => true"],
      ["name servers are looked at", '["none", ownResolver].includes(value)', 'value !== ""'],
    ],
    "host-kernel-walls.ts": [
      [
        "new privileges are looked at",
        'status("NoNewPrivs"), is(1)',
        'status("NoNewPrivs"), () => true',
      ],
      ["the filter is looked at", 'status("Seccomp"), is(2)', 'status("Seccomp"), () => true'],
      [
        "the profile's own filter is looked at",
        'seen.one("try pipe"), isRefused',
        'seen.one("try pipe"), () => true',
      ],
      [
        "masks are looked at",
        'seen.all("bare").join(" ") || "none", is("none")',
        'seen.all("bare").join(" ") || "none", () => true',
      ],
      ["swap is looked at", "swapOf(seen), is(0)", "swapOf(seen), () => true"],
    ],
  };
  return (walls[file] ?? []).map(([takesOut, from, to]) => {
    return { takesOut, file: `sandbox/container/proof/${file}`, from, to, test: holes };
  });
}
