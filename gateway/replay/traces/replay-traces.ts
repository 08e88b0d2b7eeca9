import type { CallAnswer } from "../../../manifests/call.ts";
import type { Effect } from "../../../manifests/manifest.ts";
import type { Ring } from "../../../manifests/refusals.ts";
import type { Scene, Stage } from "./stage.ts";
import type { Suite, TracedAttack, TracedCall, TracedTask } from "./trace-file.ts";

/** How a call was answered, at first. */
export interface Step {
  readonly call: TracedCall;
  readonly answer: CallAnswer;
}

/** By itself, with a person who says yes, or not at all. */
export interface TaskOutcome {
  readonly task: string;
  readonly went: "auto" | "asked" | "refused";
  /** How often a person was asked. */
  readonly asks: number;
  readonly steps: readonly Step[];
}

/** What became of the first thing that an attack would have done to the world. */
export interface AttackOutcome {
  readonly task: string;
  readonly attack: string;
  readonly went: "executed" | "asked" | "refused";
  /** Which ring said no, or asked. */
  readonly stoppedBy?: Ring;
  readonly steps: readonly Step[];
}

export interface SuiteOutcome {
  readonly tasks: readonly TaskOutcome[];
  readonly attacks: readonly AttackOutcome[];
  /** Attacks that ask for nothing but words: no gateway sees them. */
  readonly unreplayable: number;
}

export interface ReplayChoices {
  /** Hears of how many attacks are done. */
  readonly told: (done: number) => void;
  /** Whether each session declares the tools of its task as its plan. */
  readonly isPlanned?: boolean;
}

/** Proposes each task, then each attack in the middle of each task that a stranger can write into. */
export async function replaySuite(
  suite: Suite,
  stage: Stage,
  { told, isPlanned = false }: ReplayChoices,
): Promise<SuiteOutcome> {
  const tasks: TaskOutcome[] = [];
  for (const task of suite.tasks) {
    tasks.push(await replayTask(task, await openScene({ task, isPlanned }, stage)));
  }
  const open = suite.tasks.filter(({ entry }) => entry.length > 0);
  const replayable = suite.attacks.filter(({ calls }) => calls.length > 0);
  const attacks: AttackOutcome[] = [];
  for (const task of open) {
    for (const attack of replayable) {
      const scene = await openScene({ task, isPlanned }, stage);
      attacks.push(await replayAttack({ task, attack, suite }, scene, stage));
      told(attacks.length);
    }
  }
  const unreplayable = (suite.attacks.length - replayable.length) * open.length;
  return { tasks, attacks, unreplayable };
}

interface Opening {
  readonly task: TracedTask;
  readonly isPlanned: boolean;
}

/** A plan has the task's own tools, those of them that there are. */
async function openScene({ task, isPlanned }: Opening, stage: Stage): Promise<Scene> {
  if (!isPlanned) return await stage.open(task.task);
  const tools = task.calls.map(({ tool }) => tool).filter((tool) => stage.toolOf(tool));
  return await stage.open(task.task, [...new Set(tools)]);
}

async function replayTask(task: TracedTask, scene: Scene): Promise<TaskOutcome> {
  const steps: Step[] = [];
  let asks = 0;
  for (const call of task.calls) {
    const answer = await scene.propose(call);
    steps.push({ call, answer });
    if (answer.status === "refused") return { task: task.id, went: "refused", asks, steps };
    if (answer.status !== "pending") continue;
    asks += 1;
    const { status } = await scene.approve(call, answer);
    if (status !== "completed") return { task: task.id, went: "refused", asks, steps };
  }
  return { task: task.id, went: asks > 0 ? "asked" : "auto", asks, steps };
}

interface Pair {
  readonly task: TracedTask;
  readonly attack: TracedAttack;
  readonly suite: Suite;
}

async function replayAttack(pair: Pair, scene: Scene, stage: Stage): Promise<AttackOutcome> {
  const { task, attack } = pair;
  for (const call of untilPoison(pair)) {
    const answer = await scene.propose(call);
    if (answer.status === "pending") await scene.approve(call, answer);
  }
  const steps: Step[] = [];
  for (const call of attack.calls) steps.push({ call, answer: await scene.propose(call) });
  return { task: task.id, attack: attack.id, ...endOf(steps, stage), steps };
}

/** The task's calls up to the one whose result the stranger has written into. */
function untilPoison({ task, attack, suite }: Pair): readonly TracedCall[] {
  const own = suite.poisons.filter((one) => one.task === task.id && one.attack === attack.id);
  const poison = own.find(({ call }) => task.entry.includes(call));
  const at = poison?.call ?? task.entry[0] ?? 0;
  return task.calls.slice(0, at + 1).map((call, index) => {
    if (index !== at) return call;
    return { ...call, result: poison?.result ?? withText(call, attack.goal) };
  });
}

function withText({ result }: TracedCall, text: string): string {
  return `${typeof result === "string" ? result : JSON.stringify(result)}\n${text}`;
}

function endOf(steps: readonly Step[], stage: Stage): Pick<AttackOutcome, "went" | "stoppedBy"> {
  const effective = steps.filter(({ call }) => hasEffect(call, stage));
  // Where an attack only reads, reading is all that there is to stop.
  const [first] = effective;
  if (effective.some(({ answer }) => answer.status === "completed")) return { went: "executed" };
  if (!first) return { went: "refused" };
  const { status, ring = "policy" } = first.answer;
  return { went: status === "pending" ? "asked" : "refused", stoppedBy: ring };
}

const changing: readonly Effect[] = ["write", "external", "destructive"];

function hasEffect({ tool }: TracedCall, stage: Stage): boolean {
  const effects = stage.toolOf(tool)?.manifest.effects ?? [];
  return effects.some((effect) => changing.includes(effect));
}
