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
    {
      name: "isolate: a wall",
      state: "fail",
      found: "done",
      mend: /allow namespaces.*systempaths=unconfined/,
    },
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

test("each wall of a container tier that is missing has its own next step", (t) => {
  const mendOf = (name: string, measured: string, floor = true): unknown => {
    const missing = { name, floor, holds: false, measured };
    return checkTier({ ...proof, tier: "container", walls: [missing] }).at(-1)?.mend;
  };
  const start = "a probe can be started";
  t.match(mendOf("the probes run", "no container engine listens at /e.sock"), /`engine` in/);
  t.match(mendOf("the probes run", "the launcher may not open the engine's socket"), /the group/);
  t.match(mendOf("the probes run", "the launcher cannot be reached"), /`ringward launcher`/);
  t.match(mendOf(start, "the launcher does not know this tool"), /start launcher and gateway anew/);
  t.match(mendOf(start, "the image `shell` was not built"), /^`ringward images build`, then start/);
  t.match(
    mendOf(start, "the engine has no runtime for this tier"),
    /`runsc`.+`tiers: \[container\]`/,
  );
  t.match(mendOf("bounded memory", "exit code 0"), /--ignore-cgroups/);
  t.match(mendOf("engine without known holes", "20: old", false), /upgrade the container engine/);
  t.match(mendOf("root is nobody outside", "0 0 4294967295", false), /calls run without/);
  t.match(mendOf("read-only root", "writable"), /a fault of the engine/);
  t.match(mendOf("counted files", "4596", false), /a newer runtime/);
  t.end();
});

test("a tier that nobody asked for and that is not there is off, and says what it lacks", (t) => {
  const walls = [
    { ...wall, name: "the probes run", measured: "no container engine listens at /e" },
  ];
  const unasked = checkTier({ ...proof, tier: "gvisor", offered: false, walls }, false);
  t.match(unasked, [{ state: "off", found: /nobody asks for it: no container engine/ }]);
  t.match(unasked, [{ mend: /start the container engine/ }]);
  t.end();
});
