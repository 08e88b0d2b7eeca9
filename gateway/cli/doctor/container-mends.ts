import type { Wall } from "../../../sandbox/sandbox.ts";

/** What to do about a wall of a container tier that is missing: whatever fits it first. */
export function containerMend({ name, floor, measured }: Wall): string {
  const [, mend] = mends.find(([about]) => about.test(`${name}: ${measured}`)) ?? [];
  return mend ?? (floor ? floorMend : aboveMend);
}

const startedAnew =
  "start launcher and gateway anew: both read manifests and images when they start";

/** By the wall's name and what was measured of it. */
const mends: readonly (readonly [RegExp, string])[] = [
  [
    /no container engine|engine did not answer/,
    "start the container engine (Debian: `apt install docker.io`), or name its socket: `engine` in `containers`",
  ],
  [
    /may not open the engine's socket/,
    "put the user that runs the launcher into the group of the engine's socket; whoever is in it is root on this machine",
  ],
  [
    /launcher cannot be reached/,
    "start `ringward launcher` with this deployment file, as the gateway's own user, see docs/launcher.md",
  ],
  [/launcher does not know this tool/, startedAnew],
  [/was not built|not on this machine/, `\`ringward images build\`, then ${startedAnew}`],
  [
    /no runtime for this tier/,
    "let `runsc` stand in the engine's `runtimes`, see docs/containers.md; or leave the tier out: `tiers: [container]`",
  ],
  [
    /^it hears and speaks/,
    "measure again when the machine is less busy: the probe did not come to its end",
  ],
  [
    /^bounded memory/,
    "let the engine have control groups: no `--ignore-cgroups` among the runtime's arguments",
  ],
  [/^engine without known holes/, "upgrade the container engine"],
  [/^runtime without known holes/, "upgrade the runtime: `runc`, or `runsc` for gvisor"],
  [
    /^root is nobody outside/,
    "user namespaces of the engine's (`userns-remap`) would be a wall more; calls run without",
  ],
  [
    /^mandatory access control/,
    "AppArmor or SELinux on the machine would be a wall more; calls run without",
  ],
  [/^no swap/, "let the kernel count swap (`swapaccount=1`), or have none; calls run without"],
];

const floorMend =
  "a fault of the engine or its runtime, or of how they are configured: see docs/containers.md, and upgrade them";

const aboveMend = "a newer runtime may have it; calls run without";
