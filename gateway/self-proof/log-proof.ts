import type { Log } from "../http/log.ts";
import type { Proof } from "./tier-proof.ts";

/** One line for each proof: an error that names the holes where the tier is not offered. */
export function logProof(log: Log, { tier, offered, launcher, isWalled, ms, walls }: Proof): void {
  const holes = walls.filter(({ floor, holds }) => floor && !holds);
  const about = { tier, launcher, ms, holes };
  if (!offered) log.error(about, "the tier is not offered: a wall of its floor does not hold");
  else if (!isWalled) log.warn(about, "the tier has no walls: development only");
  else log.info({ tier, launcher, ms, walls: walls.length }, "the tier is proved");
}
