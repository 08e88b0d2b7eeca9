import type { ContainerTier } from "../../../manifests/tier.ts";
import type { Wall } from "../../sandbox.ts";
import { wall, wallAboveFloor } from "../../wall.ts";
import { profile } from "../profile/profile.ts";
import { hostKernelWalls } from "./host-kernel-walls.ts";
import { every, is, isRefused, upTo } from "./measures.ts";
import { isReadOnly, strangeMounts } from "./mounts.ts";
import type { Seen } from "./seen.ts";

/** What a probe could do inside of a tier, and what it saw there. */
export function innerWalls(seen: Seen, tier: ContainerTier, hostKernel: string): readonly Wall[] {
  return [
    wall("it hears and speaks", `${seen.one("heard")} ${seen.one("done")}`, is("hello yes")),
    ...privilegeWalls(seen),
    ...fileWalls(seen),
    ...networkWalls(seen, tier),
    ...amountWalls(seen),
    ...(tier === "gvisor" ? ownKernelWalls(seen) : hostKernelWalls(seen, hostKernel)),
  ];
}

function privilegeWalls(seen: Seen): readonly Wall[] {
  const ids = ["Uid", "Gid", "Groups"].map((name) => seen.one(`status ${name}:`)).join(" ");
  const sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
  const capabilities = sets.flatMap((name) => seen.all(`status ${name}:`)).join(" ");
  return [
    wall("nobody's user and group", ids.replace(/\s+/g, " "), every(/^65532$/, 9)),
    wall("no capability", capabilities, every(/^0+$/, 4)),
    wall("nothing else in its environment", seen.one("environment"), every(ownVariable, 4)),
    wall("no descriptor but three", seen.all("held").join(" "), is("0 1 2")),
    wall("reaped by another", seen.one("first"), (value) => /^\d+$/.test(value) && value !== "1"),
  ];
}

function fileWalls(seen: Seen): readonly Wall[] {
  return [
    wall("read-only root", isReadOnly(seen, "/") ? "read-only" : "writable", is("read-only")),
    wall("nothing that is written runs", seen.one("try run"), isRefused),
    wall("two folders to write", seen.all("writable").join(" "), is("/tmp /work")),
    wall("nothing of the host's mounted", strangeMounts(seen).join(" ") || "none", is("none")),
    ...(["/tmp", "/work"] as const).map((folder) =>
      wall(`bounded ${folder}`, seen.one(`bytes ${folder}`), is(bytesOf(folder))),
    ),
  ];
}

function networkWalls(seen: Seen, tier: ContainerTier): readonly Wall[] {
  // Two lines of headings above.
  const interfaces = seen
    .all("interface")
    .slice(2)
    .map((line) => line.split(":")[0] ?? "");
  const routes = seen.all("route").slice(1);
  const sockets = seen.all("socket").slice(1);
  // gVisor's own network takes no such settings; its memory is the container's, all of it.
  const settingsWall = tier === "gvisor" ? wallAboveFloor : wall;
  const wanted = Object.values(profile.sysctls).join("; ");
  return [
    settingsWall("bounded buffers of `lo`", settingsOf(seen), is(wanted)),
    wall("no device but `lo`", interfaces.join(" "), is("lo")),
    wall("no route", routes.join("; ") || "none", is("none")),
    wall("no socket of others", sockets.join("; ") || "none", is("none")),
    wall("no name server", seen.all("resolver").join("; ") || "none", (value) =>
      ["none", ownResolver].includes(value),
    ),
  ];
}

function settingsOf(seen: Seen): string {
  const values = Object.keys(profile.sysctls).map((name) => seen.one(`setting ${name}`));
  return values.map((value) => value.replace(/\s+/g, " ")).join("; ");
}

/** Of the limits of a process, files in blocks of 512 bytes. */
function amountWalls(seen: Seen): readonly Wall[] {
  const { core, fsize, nofile, memlock } = profile.ulimits;
  return [
    wall("no core dump", seen.one("limit c"), is(core)),
    wall("bounded file", seen.one("limit f"), is(fsize / 512)),
    wall("bounded descriptors", seen.one("limit n"), is(nofile)),
    wall("no locked memory", seen.one("limit l"), is(memlock)),
    wall("bounded processes", seen.one("processes"), upTo(profile.processes)),
  ];
}

/** The banner is the same in each version. */
function ownKernelWalls(seen: Seen): readonly Wall[] {
  return [
    wall("gVisor's own kernel", seen.one("kernel"), (value) =>
      value.startsWith("Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"),
    ),
    wallAboveFloor("counted files", seen.one("files"), upTo(profile.folders["/work"].files)),
  ];
}

/** Set by the engine, by the profile and by the shell. */
const ownVariable = /^(?:HOSTNAME|PATH|HOME|TMPDIR|LANG|SHLVL|PWD|OLDPWD|_)=\S*$/;

const ownResolver = `nameserver ${profile.dns[0]}`;

function bytesOf(folder: "/tmp" | "/work"): number {
  return profile.folders[folder].mib * 2 ** 20;
}
