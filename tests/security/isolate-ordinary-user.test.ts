import { spawnSync } from "node:child_process";
import { join } from "node:path";
import tap, { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { launchers } from "../../sandbox/isolate/jail/jail.ts";
import { compileIntruder, testedLaunchers } from "./isolate-intruder.ts";

tap.setTimeout(110_000);

const ordinary = { uid: 4_242, gid: 4_242 };

/** Runs a script of this folder as nobody in particular; undefined where that shows nothing. */
function asOrdinaryUser(t: Test, script: string, ...words: readonly string[]): unknown {
  const reason = whyNot();
  if (reason) {
    t.comment(reason);
    return undefined;
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, script), ...words],
    { ...ordinary, env: {}, cwd: "/", encoding: "utf8" },
  );
  t.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0)
    return "every other test of the jail runs as an ordinary user already";
  const { status } = spawnSync(process.execPath, ["--version"], ordinary);
  return status === 0 ? undefined : "the folder of this checkout is root's alone";
}

test("the floor stands for an ordinary user as it does for root", (t) => {
  const seen = asOrdinaryUser(t, "isolate-one-call.ts");
  if (seen) t.strictSame(seen, { launcher: launchers()[0], missing: [], output: "42" });
  t.end();
});

test("each launcher starts every kind of worker for an ordinary user, and holds", (t) => {
  const program = process.platform === "linux" ? compileIntruder(t) : undefined;
  const seen = asOrdinaryUser(t, "isolate-each-launcher.ts", program ?? "");
  const ends = (seen ?? {}) as Record<string, readonly number[]>;
  if (seen) t.strictSame(Object.keys(ends), testedLaunchers(t));
  const [EPERM, ENOENT, EROFS, ENOSPC] = [1, 2, 30, 28];
  for (const [launcher, returned] of Object.entries(ends)) {
    if (program === undefined) continue;
    const [file, processes, space, children = 0] = returned;
    t.equal(file, -EROFS, `${launcher}: no file`);
    t.equal(processes, -ENOENT, `${launcher}: no processes to see`);
    t.equal(space, launcher === "bubblewrap" ? -ENOSPC : -EPERM, `${launcher}: no user namespace`);
    t.ok(children < limits.workerProcesses, `${launcher}: ${children} processes`);
  }
  t.end();
});
