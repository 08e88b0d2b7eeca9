import type { Suppression } from "./suppression.ts";

/** When it ends, in milliseconds since 1970. */
export function endOf({ until }: Pick<Suppression, "until">): number {
  return Date.parse(`${until}T00:00:00Z`);
}
