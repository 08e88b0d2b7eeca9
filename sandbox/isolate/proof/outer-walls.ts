import { limits } from "../../../manifests/limits.ts";
import type { Wall } from "../../sandbox.ts";
import { wall, wallAboveFloor } from "../../wall.ts";
import { controlGroups } from "../jail/control-group.ts";
import { openTargets } from "../jail/descriptors.ts";
import type { Jail } from "../jail/jail.ts";
import { isRoot } from "../jail/launch.ts";
import { readLink, readText, statFields } from "../jail/processes.ts";

/**
 * What the kernel says of a process in the jail, read from outside of it: the process has no part
 * in the answer. Every wall that the jail sets up is there, and has to hold: those of the floor, and
 * those above it that its launcher has.
 */
export function outerWalls(pid: number, jail?: Walls): readonly Wall[] {
  const status = readText(`/proc/${pid}/status`);
  const bounds = readText(`/proc/${pid}/limits`);
  const field = (name: string): string => match(status, new RegExp(`^${name}:[ \\t]*(.*)$`, "m"));
  const bound = (name: string): string => match(bounds, new RegExp(`^Max ${name}\\s+(\\S+)`, "m"));
  const capabilities = ["CapInh", "CapPrm", "CapEff", "CapAmb"].map(field);
  const mounts = mountsOf(pid);
  const writable = mounts.filter(({ isReadOnly }) => !isReadOnly).map(({ point }) => point);
  const addressSpace = jail?.jit
    ? limits.workerJitAddressSpaceBytes
    : limits.workerAddressSpaceBytes;
  return [
    wall("no new privileges", field("NoNewPrivs"), (value) => value === "1"),
    wall("no capability", capabilities.join(" "), (value) => /^0+( 0+){3}$/.test(value)),
    wall("address space", bound("address space"), is(addressSpace)),
    wall("processor time", bound("cpu time"), is(limits.workerCpuSeconds)),
    wall("open files", bound("open files"), is(limits.workerOpenFiles)),
    wall("process limit", bound("processes"), is(limits.workerProcesses)),
    wall("file size", bound("file size"), is(0)),
    wall("core dump", bound("core file size"), is(0)),
    wall("no shared descriptor", sharedTargets(pid), isNone),
    wall("no open file", openFiles(pid), isNone),
    wall("no id of root's", idsOf(field), (value) => /^\d/.test(value) && !/\b0\b/.test(value)),
    wall("nothing writable in view", writable.join(" ") || "none", isNone),
    ...(jail?.view ? [wall("few files in view", strangeMounts(mounts, jail), isNone)] : []),
    wall("own process group", processGroup(pid), (value) => {
      return value !== "" && value !== processGroup("self");
    }),
    wall("first of its processes", field("NSpid"), (value) => /\s1$/.test(value)),
    ...["net", "pid", "ipc", "uts", "mnt", "user"].map((name) => ownNamespace(pid, name)),
    ...(jail?.filter ? [wallAboveFloor(filterWall, field("Seccomp"), is(2))] : []),
    ...(jail?.launcher === "bubblewrap"
      ? [wallAboveFloor(capabilityWall, field("CapBnd"), (value) => /^0+$/.test(value))]
      : []),
    ...(jail?.launcher && controlGroups().exist ? [controlGroups().wallAround(pid)] : []),
  ];
}

/** What of a jail says which walls it sets up. */
type Walls = Pick<Jail, "launcher" | "jit" | "filter" | "view">;

const filterWall = "system-call filter";
const capabilityWall = "no capability to gain";

/** The walls that this machine could have beyond those of `jail`, each with the reason. */
export function absentWalls(jail: Walls): readonly Wall[] {
  const isBubblewrap = jail.launcher === "bubblewrap";
  const why = isBubblewrap ? "this kernel has no filters" : "needs bubblewrap, which is not here";
  return [
    ...(jail.filter ? [] : [wallAboveFloor(filterWall, why, () => false)]),
    ...(isBubblewrap ? [] : [wallAboveFloor(capabilityWall, why, () => false)]),
    ...(controlGroups().exist ? [] : [controlGroups().wallAround(0)]),
  ];
}

/** Pipes, and what Node counts and waits with, have no path; it also holds the root of its view. */
function openFiles(pid: number): string {
  try {
    const root = readLink(`/proc/${pid}/root`);
    const files = openTargets(pid).filter((path) => path.startsWith("/") && path !== root);
    return files.join(" ") || "none";
  } catch {
    return "unreadable";
  }
}

/** A signal to the own group crosses namespaces. */
function processGroup(pid: number | "self"): string {
  return statFields(pid)[2] ?? "";
}

interface Mount {
  readonly point: string;
  readonly isReadOnly: boolean;
}

/** What can be seen of the file system. Where it cannot be told, one that no wall lets pass. */
function mountsOf(pid: number): readonly Mount[] {
  const lines = readText(`/proc/${pid}/mountinfo`).trimEnd().split("\n");
  return lines.map((line) => {
    const [, , , , point = "unreadable", options = ""] = line.split(" ");
    return { point, isReadOnly: options.split(",")[0] === "ro" };
  });
}

/** The view and the folder that holds it. */
function strangeMounts(mounts: readonly Mount[], { view = [] }: Walls): string {
  const points = mounts.map(({ point }) => point).filter((point) => !view.includes(point));
  return points.filter((point) => point !== "/").join(" ") || "none";
}

/** As this process sees them. An ordinary user keeps the id, under which nothing is in view. */
function idsOf(field: (name: string) => string): string {
  const names = isRoot() ? ["Uid", "Gid", "Groups"] : ["Uid"];
  return names.map(field).join(" ").trim();
}

function sharedTargets(pid: number): string {
  try {
    const ours = new Set(openTargets("self"));
    return (
      openTargets(pid)
        .filter((target) => ours.has(target))
        .join(" ") || "none"
    );
  } catch {
    return "unreadable";
  }
}

function ownNamespace(pid: number, name: string): Wall {
  const theirs = readLink(`/proc/${pid}/ns/${name}`);
  return wall(`own ${name} namespace`, theirs, (value) => {
    return value !== "" && value !== readLink(`/proc/self/ns/${name}`);
  });
}

function isNone(value: string): boolean {
  return value === "none";
}

function is(wanted: number): (value: string) => boolean {
  return (value) => value === String(wanted);
}

function match(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? "";
}
