import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Jail } from "./jail.ts";

/**
 * Starts what the jail holds: three pipes, and nothing else of this process. It leads a session of
 * its own, because a signal to the own process group crosses namespaces: a worker of an ordinary
 * user could end the gateway with it.
 */
export function spawnJailed({ file, args }: Jail): ChildProcessWithoutNullStreams {
  return spawn(file, args, { env: {}, cwd: "/", stdio: "pipe", detached: true });
}
