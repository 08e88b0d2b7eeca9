import { limits } from "../../manifests/limits.ts";

export interface Fault {
  /** Absent where the fault is in no record. */
  readonly chain?: string;
  readonly sequence?: number;
  readonly what: string;
}

export interface Faults {
  add(fault: Fault): void;
  list(): readonly Fault[];
}

/** Keeps the first `limits.verifyFaults`. */
export function openFaults(): Faults {
  const faults: Fault[] = [];
  return {
    add(fault) {
      if (faults.length < limits.verifyFaults) faults.push(fault);
    },
    list: () => faults,
  };
}
