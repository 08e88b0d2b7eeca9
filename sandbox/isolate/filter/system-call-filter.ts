import { existsSync } from "node:fs";
import {
  allowed,
  deadly,
  type Entry,
  withMachineCode,
  withoutMachineCode,
} from "./allowed-system-calls.ts";
import { assemble, type Rule } from "./filter-program.ts";
import { systemCalls } from "./system-calls.ts";

/**
 * The filter for a worker, as the kernel takes it: a list of what Node needs once it has been
 * started, and nothing else. Undefined where we have no list for the machine or the kernel has no
 * filters.
 */
export function systemCallFilter(jit: boolean): Uint8Array | undefined {
  const machine = machines[process.arch];
  if (!machine || !existsSync("/proc/sys/kernel/seccomp/actions_avail")) return undefined;
  return filterFor(machine, jit);
}

export interface Machine {
  /** As the kernel names it. */
  readonly machine: number;
  /** Which of the numbers of a system call is its. */
  readonly column: 0 | 1;
  readonly foreignFrom: number;
}

export const machines: Readonly<Record<string, Machine>> = {
  // From this number on x86-64 has a second table of calls, for programs with short pointers.
  x64: { machine: 0xc000_003e, column: 0, foreignFrom: 0x4000_0000 },
  arm64: { machine: 0xc000_00b7, column: 1, foreignFrom: 0x4000_0000 },
};

/** The same for a machine that need not be this one. */
export function filterFor({ machine, column, foreignFrom }: Machine, jit: boolean): Uint8Array {
  const entries = [...allowed, ...(jit ? withMachineCode : withoutMachineCode), ...deadly];
  const rules = entries.flatMap((entry) => rulesOf(entry, column));
  // As if the kernel had never heard of it, so that libraries do what they did before it was there.
  return assemble({ machine, foreignFrom, rules, otherwise: { error: ENOSYS } });
}

const EPERM = 1;
const ENOSYS = 38;

function rulesOf({ calls, ...entry }: Entry, column: 0 | 1): readonly Rule[] {
  const always = { when: [], verdict: "allow", otherwise: { error: EPERM } } as const;
  return calls.flatMap((name) => {
    const numbers = systemCalls[name];
    if (!numbers) throw new Error(`no number is known of the system call \`${name}\``);
    const number = numbers[column];
    return number === undefined ? [] : [{ ...always, ...entry, number }];
  });
}
