import type { Wall } from "../sandbox.ts";

/** A wall holds where what was measured of it passes. */
export function wall(name: string, measured: string, test: (value: string) => boolean): Wall {
  return { name, measured, holds: test(measured) };
}
