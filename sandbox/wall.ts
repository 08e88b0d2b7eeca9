import type { Wall } from "./sandbox.ts";

/** A wall of the floor: the tier is not offered without it. Holds where what was measured passes. */
export function wall(name: string, measured: string, test: (value: string) => boolean): Wall {
  return { name, floor: true, measured, holds: test(measured) };
}

/** A wall above the floor, which not every host lets us build. */
export function wallAboveFloor(
  name: string,
  measured: string,
  test: (value: string) => boolean,
): Wall {
  return { ...wall(name, measured, test), floor: false };
}
