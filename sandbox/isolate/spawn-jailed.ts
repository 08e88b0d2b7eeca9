import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { filterDescriptor } from "./bubblewrap.ts";
import type { Jail } from "./jail.ts";

/**
 * Starts what the jail holds: three pipes, and nothing else of this process. It leads a session of
 * its own, because a signal to the own process group crosses namespaces: a worker of an ordinary
 * user could end the gateway with it.
 */
export function spawnJailed({ file, args, filter }: Jail): ChildProcessWithoutNullStreams {
  const stdio = ["pipe", "pipe", "pipe", ...(filter ? (["pipe"] as const) : [])];
  const options = { env: {}, cwd: "/", detached: true, stdio: stdio as "pipe"[] };
  const child = spawn(file, args, options);
  const inlet = child.stdio[filterDescriptor] as Writable | null | undefined;
  // Where the launcher ends before it has read it all, its end says so.
  inlet?.on("error", () => {});
  inlet?.end(filter);
  return child as ChildProcessWithoutNullStreams;
}
