import { limits } from "../../manifests/limits.ts";
import type { Wall } from "../sandbox.ts";
import { wall } from "./wall.ts";

/** What a probe inside of the jail could do; see `worker/probe.ts`. */
export function innerWalls(seen: Readonly<Record<string, unknown>>): readonly Wall[] {
  const from = (name: string): string => {
    const value = seen[name];
    return typeof value === "string" ? value : "nothing";
  };
  const below = (most: number) => (value: string) => value !== "" && Number(value) < most;
  return [
    wall("no network", from("network"), (value) => value === "ENETUNREACH"),
    wall("empty environment", from("environment"), (value) => value === ""),
    wall("nobody's user id", from("user"), (value) => value === "65534"),
    wall("few folders", from("tree"), (value) => /^app( bin)?( lib\w*)*( sbin)? usr$/.test(value)),
    wall("no file of ours", from("reading"), (value) => value === "ENOENT"),
    wall("nothing to write", from("writing"), (value) =>
      /^((EROFS|ENOENT|EACCES|ETXTBSY) ?)+$/.test(value),
    ),
    wall("no further namespace", from("namespaces"), (value) => value === "1"),
    wall("bounded memory", from("memory"), (value) => value === "RangeError"),
    wall("no machine code", from("machineCode"), (value) => value === "undefined"),
    wall("bounded processes", from("processes"), below(limits.workerProcesses)),
  ];
}
