import { once } from "node:events";
import { limits } from "../../../manifests/limits.ts";
import type { Jail } from "../jail/jail.ts";
import { firstChild, killProcess } from "../jail/processes.ts";
import { endOf, spawnJailed } from "../jail/spawn-jailed.ts";

/** One probe in its jail, from the gateway's side. */
export interface ProbeProcess {
  /** What it says first; empty where it ended, or its time did, before it said anything. */
  readonly said: Promise<string>;
  /** Of the process inside the jail, once it has said something. */
  readonly inner: number;
  /** What the launcher or the probe complained of. */
  readonly complaint: string;
  /** Tells it that it has been looked at. What it says then; empty where it ended instead. */
  release(): Promise<string>;
  /** Kills it, as a worker is killed; resolves with the milliseconds until nothing was there. */
  kill(): Promise<number>;
}

/** Whatever happens, it is gone `limits.probeMs` later. */
export function startProbe(jail: Jail): ProbeProcess {
  const child = spawnJailed(jail);
  const closed = endOf(child);
  const kill = (): void => {
    if (!endInner(child.pid)) child.kill("SIGKILL");
  };
  const late = setTimeout(kill, limits.probeMs);
  void closed.then(() => clearTimeout(late));
  const probe = { inner: 0, complaint: "", said: Promise.resolve("") };
  child.stdin.on("error", () => {});
  child.stderr.on("data", (chunk: Buffer) => {
    probe.complaint = `${probe.complaint}${chunk}`.slice(0, saidChars);
  });
  const hear = async (): Promise<string> => {
    const heard = once(child.stdout, "data") as Promise<[Buffer]>;
    const [chunk] = await Promise.race([heard, closed.then(() => [""] as const)]);
    probe.inner ||= firstChild(child.pid ?? 0) ?? 0;
    return chunk.toString("utf8").slice(0, saidChars);
  };
  probe.said = hear();
  return Object.assign(probe, {
    async release() {
      const said = hear();
      child.stdin.end();
      return await said;
    },
    async kill() {
      const from = performance.now();
      kill();
      await closed;
      return performance.now() - from;
    },
  });
}

/** Less than the kernel hands over at once, so what a probe says comes in one piece. */
const saidChars = 4_096;

/** The first process of a process namespace takes all the others with it. */
function endInner(outer: number | undefined): boolean {
  const inner = firstChild(outer ?? 0);
  return inner !== undefined && killProcess(inner);
}
