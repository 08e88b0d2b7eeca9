import { readFileSync, readlinkSync } from "node:fs";
import { limits } from "../../manifests/limits.ts";
import type { Wall } from "../sandbox.ts";
import { openTargets } from "./descriptors.ts";
import { wall } from "./wall.ts";

/**
 * What the kernel says of a process in the jail, read from outside of it: the process has no part
 * in the answer.
 */
export function outerWalls(pid: number): readonly Wall[] {
  const status = readText(`/proc/${pid}/status`);
  const bounds = readText(`/proc/${pid}/limits`);
  const field = (name: string): string => match(status, new RegExp(`^${name}:\\s*(.*)$`, "m"));
  const bound = (name: string): string => match(bounds, new RegExp(`^Max ${name}\\s+(\\S+)`, "m"));
  const capabilities = ["CapInh", "CapPrm", "CapEff", "CapAmb"].map(field);
  return [
    wall("no new privileges", field("NoNewPrivs"), (value) => value === "1"),
    wall("no capability", capabilities.join(" "), (value) => /^0+( 0+){3}$/.test(value)),
    wall("address space", bound("address space"), is(limits.workerAddressSpaceBytes)),
    wall("processor time", bound("cpu time"), is(limits.workerCpuSeconds)),
    wall("open files", bound("open files"), is(limits.workerOpenFiles)),
    wall("process limit", bound("processes"), is(limits.workerProcesses)),
    wall("file size", bound("file size"), is(0)),
    wall("core dump", bound("core file size"), is(0)),
    wall("no shared descriptor", sharedTargets(pid), (value) => value === "none"),
    ...["net", "pid", "ipc", "uts", "mnt", "user"].map((name) => ownNamespace(pid, name)),
  ];
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

function is(wanted: number): (value: string) => boolean {
  return (value) => value === String(wanted);
}

function match(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? "";
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
