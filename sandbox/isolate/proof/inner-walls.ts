import { limits } from "../../../manifests/limits.ts";
import type { Wall } from "../../sandbox.ts";
import { wall } from "../../wall.ts";

/** What a probe inside of the jail could do; see `worker/probe-doors.ts`. */
export function innerWalls(seen: Readonly<Record<string, unknown>>): readonly Wall[] {
  const from = (name: string): string => {
    const value = seen[name];
    return typeof value === "string" ? value : "nothing said";
  };
  return tests.map(([name, key, passes]) => wall(name, from(key), passes));
}

type Test = readonly [name: string, key: string, passes: (value: string) => boolean];

/** Of the filter of system calls, where there is one, and of the kernel. */
const refused = ["EPERM", "EACCES", "ENOSYS"] as const;

/** Only the errors that a wall gives: whatever else comes back may be a way out. */
const tests: readonly Test[] = [
  ["no network", "network", only("ENETUNREACH", "ECONNREFUSED", ...refused)],
  ["no route", "elsewhere", only("ENETUNREACH", ...refused)],
  ["no socket by name", "socketName", only("ECONNREFUSED", ...refused)],
  ["no socket by path", "socketFile", only("ENOENT", ...refused)],
  ["empty environment", "environment", (value) => value === ""],
  ["nobody's user id", "user", (value) => /^(65534 ?){3}$/.test(value)],
  ["no rise to root", "privileges", only("EINVAL", ...refused)],
  ["few folders", "tree", (value) => /^app( lib\w*)*( usr)?$/.test(value)],
  ["no file of ours", "reading", only("ENOENT")],
  ["no list of processes", "processList", only("ENOENT")],
  ["nothing to write", "writing", only("EROFS", "ENOENT", "ETXTBSY", ...refused)],
  ["nobody to signal", "signals", only("ESRCH", ...refused)],
  ["no descriptor of ours", "held", (value) => value === "0"],
  ["no machine code", "machineCode", (value) => value === "undefined"],
  ["bounded memory", "memory", only("RangeError")],
  ["bounded descriptors", "descriptors", stopped("EMFILE", limits.workerOpenFiles)],
  ["bounded processes", "processes", stopped("EAGAIN|ENOMEM|EPERM|ENOSYS", limits.workerProcesses)],
];

function only(...errors: readonly string[]): (value: string) => boolean {
  return (value) => value.split(" ").every((met) => errors.includes(met));
}

/** `value` is a count and the error that ended the counting. */
function stopped(errors: string, most: number): (value: string) => boolean {
  const pattern = new RegExp(`^(\\d+) (?:${errors})$`);
  return (value) => {
    const count = pattern.exec(value)?.[1];
    return count !== undefined && Number(count) < most;
  };
}
