import type { Wall } from "../../sandbox.ts";
import { wall, wallAboveFloor } from "../../wall.ts";
import { profile } from "../profile/profile.ts";
import { is, isRefused, upTo } from "./measures.ts";
import { isReadOnly } from "./mounts.ts";
import type { Seen } from "./seen.ts";

/** What keeps a container from the kernel that it shares with its host. */
export function hostKernelWalls(seen: Seen, hostKernel: string): readonly Wall[] {
  const status = (name: string): string => seen.one(`status ${name}:`);
  const settable = profile.readonlyPaths.filter((path) => isThere(seen, path));
  return [
    wall("the engine's kernel", seen.one("kernel"), (value) =>
      value.startsWith(`Linux version ${hostKernel} `),
    ),
    wall("no new privileges", status("NoNewPrivs"), is(1)),
    wall("filter of system calls", status("Seccomp"), is(2)),
    // The engine's own filter would let it pass.
    wall("the profile's filter", seen.one("try pipe"), isRefused),
    wall("no device is made", seen.one("try device"), isRefused),
    wall("nothing is mounted", seen.one("try mount"), isRefused),
    wall("no namespace is made", seen.one("try namespace"), isRefused),
    wall("counted files", seen.one("files"), upTo(profile.folders["/work"].files)),
    wall("hidden paths", seen.all("bare").join(" ") || "none", is("none")),
    wall("no setting of the kernel", settable.join(" ") || "none", is("none")),
    wall("own view of control groups", groupsOf(seen), is("/")),
    wall("share of the processors", String(shareOf(seen)), is(profile.nanoCpus / 1e9)),
    wallAboveFloor("no swap", swapOf(seen), is(0)),
    wallAboveFloor("first to go", seen.one("score"), is(profile.oomScoreAdj)),
    wallAboveFloor("root is nobody outside", seen.one("users"), (value) =>
      /^0\s+[1-9]/.test(value),
    ),
    wallAboveFloor("mandatory access control", seen.one("confinement") || "none", (value) =>
      /\(enforce\)$|^\w+:\w+:container/.test(value),
    ),
  ];
}

/** Where it could be written. */
function isThere(seen: Seen, path: string): boolean {
  return path !== "/proc/sysrq-trigger" && !isReadOnly(seen, path);
}

function groupsOf(seen: Seen): string {
  const paths = seen.all("group").map((line) => line.split(":").slice(2).join(":"));
  return [...new Set(paths)].join(" ");
}

/** In processors. */
function shareOf(seen: Seen): number {
  const [quota, period] = seen.one("amount cpu.max").split(" ");
  return (
    Number(quota || seen.one("amount cpu.cfs_quota_us")) /
    Number(period || seen.one("amount cpu.cfs_period_us"))
  );
}

/** In bytes; empty where this kernel does not count it. */
function swapOf(seen: Seen): string {
  const both = seen.one("amount memory.memsw.limit_in_bytes");
  if (both === "") return seen.one("amount memory.swap.max") || "not counted here";
  return String(Number(both) - Number(seen.one("amount memory.limit_in_bytes")));
}
