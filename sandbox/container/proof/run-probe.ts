import { setTimeout as pause } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { ContainerTier } from "../../../manifests/tier.ts";
import type { Ended, Launched, Launcher } from "../link/launcher.ts";
import { type Probe, type ProbeName, probePin, probes } from "./probe-launchables.ts";

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
  const { isDone, said } = listen(launched, probes[name]);
  const timeUp = pause(containerLimits.probeMs, undefined, { signal: time.signal }).catch(() => {
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

/** On a busy machine a start may take too long: then nothing is known, and it is tried again. */
async function launch(name: ProbeName, deps: ProbeDeps): Promise<Launched> {
  const { memoryMb, cpuMs } = probes[name];
  const asked = { pin: probePin(name), tier: deps.tier, limits: { memoryMb, cpuMs } };
  for (let starts = 0; starts < containerLimits.probeStarts; starts += 1) {
    const request = { ...asked, slot: deps.newSlot(), mounts: [], network: false };
    const inTime = AbortSignal.timeout(containerLimits.containerStartMs);
    try {
      return await deps.launcher.launch(request, inTime);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "CANCELLED")) throw error;
    }
  }
  throw new Refusal("SANDBOX_UNAVAILABLE", "no probe starts in time");
}

interface Heard {
  /** Resolves when it is done by what it said, or has said more than any probe says. */
  readonly isDone: Promise<undefined>;
  readonly said: () => string;
}

function listen(launched: Launched, probe: Probe): Heard {
  const done = Promise.withResolvers<undefined>();
  let said = "";
  launched.onOutput((stream, bytes) => {
    if (stream !== "stdout" || said.length > containerLimits.probeChars) return;
    said += Buffer.from(bytes).toString("latin1");
    if (probe.isDone(said) || said.length > containerLimits.probeChars) done.resolve(undefined);
  });
  launched.write(Buffer.from("hello\n"));
  launched.endInput();
  return { isDone: done.promise, said: () => said };
}
