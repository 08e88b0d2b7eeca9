import { absentCalls, allowedCalls, type Condition } from "./allowed-calls.ts";

/**
 * The filter of system calls as the engine takes it: JSON. A list of what is allowed, for the
 * machine's own calls alone: one in the manner of another machine ends its process.
 */
export function seccompProfile(): string {
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [
      ...allowedCalls.flatMap(({ names, when = [[]] }) => when.map((all) => allow(names, all))),
      { names: absentCalls, action: "SCMP_ACT_ERRNO", errnoRet: 38 },
    ],
  });
}

function allow(names: readonly string[], conditions: readonly Condition[]): object {
  return { names, action: "SCMP_ACT_ALLOW", args: conditions.map(argument) };
}

function argument({ argument: index, mask, is }: Condition): object {
  return mask === undefined
    ? { index, value: is, op: "SCMP_CMP_EQ" }
    : { index, value: mask, valueTwo: is, op: "SCMP_CMP_MASKED_EQ" };
}
