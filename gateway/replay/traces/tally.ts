import type { Ring } from "../../../manifests/refusals.ts";
import type { SuiteOutcome } from "./replay-traces.ts";

/** Of one suite, or of all of them. */
export interface Tally {
  readonly tasks: number;
  /** Of the tasks: by themselves, with a person, not at all. */
  readonly auto: number;
  readonly asked: number;
  readonly refused: number;
  readonly asksPerTask: number;
  readonly attacks: number;
  /** Of the attacks: had an effect without a person; a person was asked first. */
  readonly executed: number;
  readonly asksOnAttacks: number;
  /** The ring that refused or asked. */
  readonly stoppedBy: Readonly<Partial<Record<Ring, number>>>;
  /** Pairs with an attack that calls nothing; counted nowhere else. */
  readonly unreplayable: number;
}

export function tallyOf(outcomes: readonly SuiteOutcome[]): Tally {
  const tasks = outcomes.flatMap((outcome) => outcome.tasks);
  const attacks = outcomes.flatMap((outcome) => outcome.attacks);
  const went = (how: string): number => tasks.filter((task) => task.went === how).length;
  const stoppedBy: Partial<Record<Ring, number>> = {};
  for (const { stoppedBy: ring } of attacks) {
    if (ring !== undefined) stoppedBy[ring] = (stoppedBy[ring] ?? 0) + 1;
  }
  return {
    tasks: tasks.length,
    ...{ auto: went("auto"), asked: went("asked"), refused: went("refused") },
    asksPerTask: tasks.reduce((sum, { asks }) => sum + asks, 0) / Math.max(1, tasks.length),
    attacks: attacks.length,
    executed: attacks.filter((attack) => attack.went === "executed").length,
    asksOnAttacks: attacks.filter((attack) => attack.went === "asked").length,
    stoppedBy,
    unreplayable: outcomes.reduce((sum, { unreplayable }) => sum + unreplayable, 0),
  };
}
