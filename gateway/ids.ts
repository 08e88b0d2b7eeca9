import { randomBytes } from "node:crypto";
import type { Deps } from "./deps.ts";

/**
 * Ids such as `call_019e0c5d7a31…`: 48 bits of time in milliseconds, so that ids of one kind sort by
 * it, then 80 random bits, so that nobody guesses one.
 */
export function createIds(now: () => number): Deps["newId"] {
  return (kind) => {
    const time = now().toString(16).padStart(12, "0");
    return `${kind}_${time}${randomBytes(10).toString("hex")}`;
  };
}
