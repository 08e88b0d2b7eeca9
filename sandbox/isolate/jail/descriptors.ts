import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const closeOnExec = 0o2000000;

/**
 * Descriptors that a child of this process would get without being given them: whoever started this
 * process left them open, and Node opens none like that.
 */
export function inheritedDescriptors(): readonly number[] {
  return readdirSync("/proc/self/fdinfo")
    .map(Number)
    .filter((fd) => fd > 2 && isInherited(fd));
}

function isInherited(fd: number): boolean {
  try {
    const [, flags = ""] =
      /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
    return flags !== "" && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // The one that the folder itself was read through.
    return false;
  }
}

/** What the descriptors of a process lead to: files, pipes and sockets, by their names in the kernel. */
export function openTargets(pid: number | "self"): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .map((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`);
      } catch {
        return "anon_inode:gone";
      }
    })
    .filter((target) => !target.startsWith("anon_inode:"));
}
