import { test } from "tap";
import type { Proof } from "../self-proof/tier-proof.ts";
import { refusedNotes } from "./describe-standing.ts";

const proof: Proof = {
  ...{ tier: "isolate", offered: false, isWalled: true, launchers: [], at: 0, ms: 1, digest: "d" },
  walls: [
    { name: "no network", floor: true, holds: true, measured: "EPERM" },
    { name: "own control group", floor: false, holds: false, measured: "none" },
    {
      name: "the probes run",
      floor: true,
      holds: false,
      measured: "listen EINVAL\n\u{1b}[2J/long",
    },
    { name: "empty environment", floor: true, holds: false, measured: "" },
  ],
};

test("who is refused a tier is told each wall that is missing, on a line, and what to do", (t) => {
  t.strictSame(refusedNotes([proof]), [
    "Tier isolate is not offered, so its calls are refused. What does not hold:",
    "  the probes run: listen EINVAL \\u{1b}[2J/long",
    "  empty environment: nothing",
    "`ringward doctor` measures again, and says what to do about each.",
  ]);
  t.strictSame(refusedNotes([{ ...proof, offered: true }]), [], "nothing where it is offered");
  t.end();
});
