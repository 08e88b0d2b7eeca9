import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Jail } from "./jail.ts";

/** Starts what the jail holds: three pipes, and nothing else of this process. */
export function spawnJailed({ file, args }: Jail): ChildProcessWithoutNullStreams {
  return spawn(file, args, { env: {}, cwd: "/", stdio: "pipe" });
}
