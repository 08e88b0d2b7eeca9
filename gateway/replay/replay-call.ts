import type { Digest } from "../../manifests/digest.ts";
import type { Grant } from "../../manifests/grant.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal, type RefusalCode } from "../../manifests/refusals.ts";
import type { Tier } from "../../manifests/tier.ts";
import type { Recording, SandboxResult } from "../../sandbox/sandbox.ts";
import type { Deps } from "../deps.ts";
import type { Tool } from "../tools/tool.ts";
import { compareRuns, type Difference } from "./compare.ts";
import { NotReplayable, type RecordedCall, readRecordedCall } from "./recorded-call.ts";

/** What came of running a recorded call again. */
export interface Replay {
  readonly call: string;
  readonly tool: string;
  readonly pin: Digest;
  readonly verdict: "same" | "different";
  /** How the call had ended: `completed`, or a code. */
  readonly ended: string;
  /** Requests to the broker that were compared, and answered out of the record. */
  readonly requests: number;
  /** False where the call was ended from outside: its log and its end say nothing then. */
  readonly isWhole: boolean;
  readonly difference?: Difference;
  /** Versions of what ran the code, where they are not the same. */
  readonly engines?: { readonly recorded: string; readonly again: string };
}

export interface ReplayOptions {
  /** The state folder. */
  readonly folder: string;
  readonly by: string;
  readonly signal: AbortSignal;
}

type Needs = Pick<Deps, "sandboxes" | "selfProof" | "store" | "tools">;

/**
 * Runs a recorded call once more in the tier that its grant names, with its own code, arguments,
 * clock, seed and answers, and compares. The broker is not asked, so nothing happens anywhere else.
 * That it was done is written to the record.
 *
 * @throws {NotReplayable} with why.
 */
export async function replayCall(id: string, deps: Needs, options: ReplayOptions): Promise<Replay> {
  const recorded = await readRecordedCall(options.folder, id);
  const { code } = toolOf(recorded, deps.tools);
  const { cut, again } = await runAgain({ recorded, code, signal: options.signal }, deps);
  const replay = again && describe(id, recorded, again);
  const verdict = replay?.verdict ?? "cut";
  await deps.store.record.append({ kind: "replay", call: id, by: options.by, verdict });
  if (!replay) throw new NotReplayable(`this time it was ended from outside: ${cut}`);
  return replay;
}

function toolOf({ grant }: RecordedCall, tools: Needs["tools"]): Tool {
  const tool = tools.get(grant.tool);
  if (!tool) throw new NotReplayable(`its tool \`${grant.tool}\` is not loaded here`);
  if (tool.pin !== grant.toolPin) {
    throw new NotReplayable(
      `its tool \`${grant.tool}\` had the pin ${grant.toolPin}, and has ${tool.pin} here`,
    );
  }
  return tool;
}

interface Running {
  readonly recorded: RecordedCall;
  readonly code: string;
  readonly signal: AbortSignal;
}

interface RanAgain {
  /** Undefined where the run was ended before it could be compared. */
  readonly again?: Recording;
  /** What ended it. */
  readonly cut: string;
}

async function runAgain({ recorded, code, signal }: Running, deps: Needs): Promise<RanAgain> {
  const { input, recording } = recorded;
  const grant = withTime(recorded);
  const sandbox = deps.sandboxes.get(grant.sandbox.tier);
  if (!sandbox || !(await isProved(grant.sandbox.tier, deps))) {
    throw new NotReplayable(`the tier \`${grant.sandbox.tier}\` is not offered here`);
  }
  const result = await sandbox.run({ grant, code, input, recording }, signal);
  const again = result.recording;
  const cut = codeOf(result);
  if (!again || signal.aborted || isShort(again, recording, result)) return { cut };
  return { again, cut };
}

/** The code is no better than when it was run first. */
async function isProved(tier: Tier, { selfProof }: Needs): Promise<boolean> {
  try {
    await selfProof.require(tier);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** More time than it had: how fast a machine is says nothing, and where it was cut it may go on. */
function withTime({ grant, recording }: RecordedCall): Grant {
  const times = recording.end ? Number.POSITIVE_INFINITY : 2;
  const wallMs = Math.min(grant.limits.wallMs * times, limits.wallMsCeiling);
  const cpuMs = Math.min(grant.limits.cpuMs * times, limits.cpuMsCeiling);
  return { ...grant, limits: { ...grant.limits, wallMs, cpuMs } };
}

/** Whether the new run was cut before it came to where the recorded one ended. */
function isShort(again: Recording, recorded: Recording, result: SandboxResult): boolean {
  if (again.end || codeOf(result) === outOfAnswers) return false;
  return recorded.end !== undefined || again.asked.length < recorded.asked.length;
}

/** How a run ends that asks for more than was recorded. */
const outOfAnswers: RefusalCode = "CANCELLED";

function codeOf(result: SandboxResult): string {
  return result.kind === "failed" ? result.code : result.kind;
}

function describe(call: string, recorded: RecordedCall, again: Recording): Replay {
  const { grant, recording, ended } = recorded;
  const difference = compareRuns(recording, again);
  const engines = { recorded: recording.engine, again: again.engine };
  return {
    call,
    tool: grant.tool,
    pin: grant.toolPin,
    verdict: difference ? "different" : "same",
    ended,
    requests: recording.asked.length,
    isWhole: recording.end !== undefined,
    ...(difference && { difference }),
    ...(engines.recorded !== engines.again && { engines }),
  };
}
