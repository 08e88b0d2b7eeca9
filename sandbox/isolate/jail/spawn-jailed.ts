import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { filterDescriptor } from "./bubblewrap.ts";
import { type ControlGroup, controlGroups } from "./control-group.ts";
import type { Jail } from "./jail.ts";
import { findTools } from "./tools.ts";

/**
 * Starts what the jail holds: three pipes, and nothing else of this process. Where the machine lets
 * us, it is in a control group of its own, which goes when it has gone. `starved` is called as soon as
 * it has ended, where the kernel ended it for want of memory and counts so.
 *
 * @throws {Error} where the machine does not let us any more.
 */
export function spawnJailed(
  jail: Jail,
  starved: () => void = () => {},
): ChildProcessWithoutNullStreams {
  const group = jail.launcher ? controlGroups().make() : undefined;
  const { file, args } = group ? entering(group, jail) : jail;
  const stdio = ["pipe", "pipe", "pipe", ...(jail.filter ? (["pipe"] as const) : [])];
  // A signal to the own process group crosses namespaces, and a worker of an ordinary user has the
  // gateway's own uid: in one session with it, the worker could end the gateway.
  const options = { env: {}, cwd: "/", detached: true, stdio: stdio as "pipe"[] };
  const child = spawn(file, args, options);
  const inlet = child.stdio[filterDescriptor] as Writable | null | undefined;
  // Where the launcher ends before it has read it all, its end says so.
  inlet?.on("error", () => {});
  inlet?.end(jail.filter);
  // Before its pipes are waited for, which somebody who stayed would hold open.
  child.once("exit", () => group?.end());
  void endOf(child).then(() => {
    if (group?.hasStarved()) starved();
    return group?.remove();
  });
  return child as ChildProcessWithoutNullStreams;
}

/** Resolves when it has ended and its pipes are closed. */
export function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    // Without a process there is no `close`.
    child.once("error", () => resolve());
  });
}

/** The launcher enters before it starts anything, so nothing of the worker is ever outside. */
function entering({ doors }: ControlGroup, { file, args }: Jail): Jail {
  const sh = findTools("sh")?.sh ?? "sh";
  return { file: sh, args: ["-c", enter, "enter", ...doors, "--", file, ...args] };
}

const enter = `set -e
while [ "$1" != -- ]; do echo 0 > "$1"; shift; done
shift
exec "$@"`;
