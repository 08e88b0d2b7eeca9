import { isDeepStrictEqual } from "node:util";
import { type Test, t } from "tap";
import { type Jail, type LauncherName, launchers } from "../../sandbox/isolate/jail/jail.ts";
import { Ground } from "../../sandbox/isolate/proof/ground.ts";
import type { Readiness, Wall } from "../../sandbox/sandbox.ts";
import { descendants } from "../support/processes.ts";
import { commonHoles, type Hole, holes } from "./isolate-proof-holes.ts";

/**
 * A proof that cannot fail is none: each wall is left out of a real jail, and the probe has to miss
 * it. Without this launcher on the machine there is nothing to try.
 */
export function proveProof(launcher: LauncherName): void {
  if (!launchers().includes(launcher)) {
    t.comment(`${launcher} is not on this machine`);
    return;
  }
  t.jobs = 3;
  t.test("with all walls up, every wall of the floor holds", { buffered: true }, async (t) => {
    const { offered, walls } = await probe(launcher);
    t.strictSame(missing(walls), []);
    t.ok(offered);
    t.ok(walls.length > 30);
  });
  for (const hole of [...commonHoles, ...holes[launcher]]) {
    const name = `a proof notices that the jail lacks ${hole.leftOut}`;
    t.test(name, { buffered: true }, (t) => notices(t, launcher, hole));
  }
  t.teardown(() => {
    const left = descendants(process.pid);
    if (left.length > 0) throw new Error(`processes left: ${left.join(" ")}`);
  });
}

async function notices(t: Test, launcher: LauncherName, hole: Hole): Promise<void> {
  const { isWalled, offered, walls } = await probe(launcher, hole);
  const missed = missing(walls).map(({ name }) => name);
  t.comment(missed.join(", "));
  for (const name of hole.missed) t.ok(missed.includes(name), name);
  t.equal(offered, !missesFloor(walls), "it is not offered, in development either");
  t.ok(isWalled, "nothing weaker is taken instead");
}

function probe(launcher: LauncherName, hole?: Hole): Promise<Readiness> {
  const about = { outside: [import.meta.filename], mayLackWalls: true, launchers: [launcher] };
  const alter = (jail: Jail): Jail => (hole ? altered(jail, hole) : jail);
  return new Ground({ ...about, alter }).probe();
}

function missesFloor(walls: readonly Wall[]): boolean {
  return walls.some(({ floor, holds }) => floor && !holds);
}

/** Of those above the floor only what this jail sets up: it has been measured, so it is a number. */
function missing(walls: readonly Wall[]): readonly Wall[] {
  return walls.filter(({ floor, holds, measured }) => !holds && (floor || /^\d+$/.test(measured)));
}

/** A hole that changes nothing would prove nothing. */
function altered(jail: Jail, { alter, leftOut }: Hole): Jail {
  const changed = alter(jail);
  if (isDeepStrictEqual(changed, jail)) throw new Error(`nothing is left out: ${leftOut}`);
  return changed;
}
