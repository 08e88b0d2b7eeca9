// THREAT_MODEL: machine code makes a worker easier to take over. Ring 7 holds: only code that the
// operator pinned gets it, in workers of its own, behind every other wall.
import { join } from "node:path";
import tap, { type Test, test } from "tap";
import { jailCommand, type LauncherName, launchers } from "../../sandbox/isolate/jail/jail.ts";
import { outerWalls } from "../../sandbox/isolate/proof/outer-walls.ts";
import { descendants, readProcess } from "../support/processes.ts";
import { openTestGatewayOn, recordHolds, type TestGateway } from "../support/test-gateway.ts";

tap.setTimeout(110_000);

for (const launcher of launchers()) {
  test(`an operator's tool runs as machine code in workers of its own (${launcher})`, async (t) => {
    const opened = await openFast(t, launcher);
    const session = await opened.open();
    const fast = await session.propose("attack.fast", { with: "sum" });
    t.match(fast, { status: "completed", output: sumOf(1_000_000) });
    const [worker = 0, ...more] = compiling();
    t.strictSame(more, [], "one worker compiles");
    t.match(await session.propose("js.run", { code: "return 6 * 7" }), { output: 42 });
    t.strictSame(compiling(), [worker], "an agent's code has none that does");
    t.match(await session.propose("attack.fast", { with: "seen" }), { output: [] });
    t.strictSame(compiling(), [worker], "the tool's next call has the same");
    standing(t, worker, launcher);
    await recordHolds(t, opened, 3);
  });
}

test("what uses things up as machine code ends as it does without", async (t) => {
  const [launcher = "util-linux"] = launchers();
  const opened = await openFast(t, launcher);
  const session = await opened.open();
  const ends = { loop: "TIMEOUT_CPU", memory: "OOM", reserve: "OOM" };
  for (const [name, code] of Object.entries(ends)) {
    t.match(await session.propose("attack.fast", { with: name }), { code }, name);
    const next = await session.propose("attack.fast", { with: "sum" });
    t.match(next, { status: "completed" }, "the next call is right");
  }
  await recordHolds(t, opened, 6);
});

function openFast(t: Test, launcher: LauncherName): Promise<TestGateway> {
  const manifests = [join(import.meta.dirname, "attack-tools-jit")];
  return openTestGatewayOn(t, { launchers: [launcher] }, { manifests, workers: 3 });
}

/** Workers of this process, inside of their jails, that were started without `--jitless`. */
function compiling(): readonly number[] {
  return descendants(process.pid).filter((pid) => {
    const words = readProcess(pid, "cmdline").split("\0");
    return words[0] === "/app/node" && !words.includes("--jitless");
  });
}

/** Every wall that a worker without machine code has, measured from outside, with its own bounds. */
function standing(t: Test, pid: number, launcher: LauncherName): void {
  const jail = jailCommand("", [], { launcher, jit: true });
  const walls = outerWalls(pid, jail);
  const plain = outerWalls(pid, jailCommand("", [], { launcher }));
  t.strictSame(
    walls.filter(({ holds }) => !holds),
    [],
    "each wall holds",
  );
  t.strictSame(
    plain.filter(({ holds }) => !holds).map(({ name }) => name),
    ["address space"],
    "and only room for addresses is another's",
  );
  t.equal(
    walls.some(({ name }) => name === "system-call filter"),
    launcher === "bubblewrap",
  );
}

function sumOf(count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum = (sum + at * at) % 1_000_003;
  return sum;
}
