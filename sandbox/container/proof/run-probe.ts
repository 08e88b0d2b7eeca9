import { setTimeout as pause } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { ContainerTier } from "../../../manifests/tier.ts";
import type { Ended, Launched, Launcher } from "../link/launcher.ts";
import { type ProbeName, probePin, probes } from "./probe-launchables.ts";

export interface ProbeDeps {
  readonly tier: ContainerTier;
  readonly launcher: Pick<Launcher, "facts" | "launch">;
  /** Thirty-two hexadecimal digits, new each time. */
  readonly newSlot: () => string;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export interface ProbeEnd {
  readonly said: string;
  /** Absent where it did not end by itself. */
  readonly ended?: Ended;
  /** How it was told to have ended when it had been killed, and how long after the order. */
  readonly killed: Ended;
  readonly killMs: number;
}

/**
 * One probe, until it ends, says that it is done, or has had its time; then it is killed.
 *
 * @throws {Refusal} where it could not be started.
 */
export async function runProbe(name: ProbeName, deps: ProbeDeps): Promise<ProbeEnd> {
  const launched = await launch(name, deps);
  const time = new AbortController();
  const { isDone, said } = listen(launched);
  const timeUp = pause(probes[name].patienceMs, undefined, { signal: time.signal }).catch(() => {
    // It ended earlier.
  });
  const ended = await Promise.race([launched.ended, isDone, timeUp]);
  time.abort();
  const killedAt = deps.now();
  const gone = launched.kill();
  const killed = await launched.ended;
  const killMs = deps.now() - killedAt;
  await gone;
  return { said: said(), killed, killMs, ...(ended && { ended }) };
}

function launch(name: ProbeName, deps: ProbeDeps): Promise<Launched> {
  const { memoryMb, cpuMs } = probes[name];
  return deps.launcher.launch(
    {
      ...{ pin: probePin(name), slot: deps.newSlot(), tier: deps.tier },
      ...{ limits: { memoryMb, cpuMs }, mounts: [], network: false },
    },
    AbortSignal.timeout(containerLimits.containerStartMs),
  );
}

interface Heard {
  /** Resolves when the last line has come, or more than any probe says. */
  readonly isDone: Promise<undefined>;
  readonly said: () => string;
}

function listen(launched: Launched): Heard {
  const done = Promise.withResolvers<undefined>();
  let said = "";
  launched.onOutput((stream, bytes) => {
    if (stream !== "stdout" || said.length > containerLimits.probeChars) return;
    said += Buffer.from(bytes).toString("latin1");
    if (said.endsWith("\ndone\tyes\n") || said.length > containerLimits.probeChars) {
      done.resolve(undefined);
    }
  });
  launched.write(Buffer.from("hello\n"));
  launched.endInput();
  return { isDone: done.promise, said: () => said };
}
