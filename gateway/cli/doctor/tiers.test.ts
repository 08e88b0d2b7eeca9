import { test } from "tap";
import type { Proof } from "../../self-proof/tier-proof.ts";
import { checkTier } from "./tiers.ts";

const proof: Proof = {
  ...{ tier: "isolate", offered: true, launcher: "util-linux", launchers: ["util-linux"] },
  ...{ isWalled: true, at: 0, ms: 1, digest: "d", walls: [] },
};
const wall = { name: "a wall", floor: true, holds: false, measured: "done" };

test("a wall of the floor that is missing fails, and so does the tier", (t) => {
  t.match(checkTier({ ...proof, offered: false, walls: [wall] }), [
    { name: "tier isolate", state: "fail" },
    { name: "isolate: a wall", state: "fail", found: "done", mend: /allow namespaces/ },
  ]);
  t.end();
});

test("a wall above the floor warns, and says what to install", (t) => {
  const above = { ...wall, floor: false, measured: "needs bubblewrap, which is not here" };
  t.match(checkTier({ ...proof, walls: [above] }), [
    { state: "ok" },
    { state: "warn", mend: "`apt install bubblewrap`" },
  ]);
  t.end();
});

test("a tier without walls fails, though it is offered", (t) => {
  t.match(checkTier({ ...proof, isWalled: false, walls: [wall] }), [
    { state: "fail", found: /WITHOUT WALLS/ },
    { state: "fail" },
  ]);
  t.end();
});
