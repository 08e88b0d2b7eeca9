// The container engines of the tests: they come and go, and nothing stays.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import tap, { test } from "tap";
import { ContainerEngine } from "../scripts/engine/container-engine.ts";
import { borrowEngine, lendEngine, newEngineFolder } from "../scripts/engine/lend-engine.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { engineFor, gvisorFor, privateEngine } from "./support/engine.ts";
import { inTurn } from "./support/in-turn.ts";
import { readProcess } from "./support/processes.ts";

tap.setTimeout(110_000);

const label = "ringward-test.engine";

async function startSleeper({ socket }: { socket: string }, runtime: string): Promise<number> {
  const container = await new Docker({ socketPath: socket }).createContainer({
    Image: await busyboxImage({ socket }),
    Cmd: ["sleep", "1000"],
    Labels: { [label]: "sleeper" },
    HostConfig: { NetworkMode: "none", Runtime: runtime, Init: true },
  });
  await container.start();
  return (await container.inspect()).State.Pid;
}

/** Programs that were told a folder, and control groups of its name. */
function leftOf(folder: string): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const programs = pids.filter((pid) => readProcess(Number(pid), "cmdline").includes(`${folder}/`));
  const mount = "/sys/fs/cgroup";
  const hierarchies = [mount, ...readdirSync(mount).map((name) => join(mount, name))];
  const groups = hierarchies.map((one) => join(one, basename(folder)));
  return [...programs, ...groups, folder].filter((one) => /^\d+$/.test(one) || existsSync(one));
}

for (const runtime of ["runc", "runsc"]) {
  test(`of an engine that died among containers of ${runtime} nothing is left`, async (t) => {
    if (runtime === "runsc" && !(await gvisorFor(t))) return;
    const engine = await privateEngine(t);
    if (!engine) return;
    const pid = await startSleeper(engine, runtime);
    await engine.kill();
    t.ok(readProcess(pid, "cmdline") !== "", "its containers run on");
    await engine.remove();
    t.strictSame(leftOf(engine.folder), []);
    t.equal(readProcess(pid, "cmdline"), "", "now they have ended");
  });
}

test("an engine that is started again has its images, and its containers have ended", async (t) => {
  const engine = await privateEngine(t);
  if (!engine) return;
  const pid = await startSleeper(engine, "runc");
  await engine.kill();
  await engine.start();
  const docker = new Docker({ socketPath: engine.socket });
  t.equal((await docker.listImages()).length, 1);
  t.strictSame(await docker.listContainers(), []);
  t.equal(readProcess(pid, "cmdline"), "");
});

test("a lent engine starts when it is asked for, once, and ends with all that was made in it", async (t) => {
  if (!(await engineFor(t))) return;
  const lent = lendEngine();
  const { RINGWARD_TEST_ENGINE: folder = "" } = lent.environment;
  t.strictSame(readdirSync(folder), ["ask.sock"], "nobody has asked");
  const [first, second] = await Promise.all([borrowEngine(folder), borrowEngine(folder)]);
  t.equal(first, second);
  const nested = new ContainerEngine(newEngineFolder(folder));
  await nested.start();
  await startSleeper(nested, "runc");
  await lent.close();
  t.strictSame([...leftOf(folder), ...leftOf(nested.folder)], []);
});

test("a turn is one holder's, however many wait for it", async (t) => {
  let holders = 0;
  const most = await Promise.all(
    Array.from({ length: 20 }, () =>
      inTurn(`${process.pid}-test`, async () => {
        holders += 1;
        await new Promise(setImmediate);
        const seen = holders;
        holders -= 1;
        return seen;
      }),
    ),
  );
  t.ok(most.every((seen) => seen === 1));
});

for (const [asked, failing] of [
  ["", []],
  ["docker", ["needs an engine", "needs gVisor"]],
  ["runsc", ["needs gVisor"]],
  ["docker,runsc", ["needs an engine", "needs gVisor"]],
] as const) {
  test(`without an engine tests are left out with the reason, or fail where RINGWARD_REQUIRE says \`${asked}\``, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "ringward-lent-"));
    const lack = "nobody has one";
    const server = createServer((asking) => asking.end(lack));
    await new Promise<void>((resolve) => server.listen(join(folder, "ask.sock"), resolve));
    t.teardown(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    const program = join(import.meta.dirname, "support/needs-engine.ts");
    const env = { RINGWARD_TEST_ENGINE: folder, RINGWARD_REQUIRE: asked };
    const child = spawn(process.execPath, ["--no-warnings", program], { env });
    const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
    t.equal(child.exitCode, failing.length > 0 ? 1 : 0);
    for (const name of ["needs an engine", "needs gVisor"]) {
      const isFailing = failing.some((one) => one === name);
      const verdict = isFailing ? "^not ok \\d+ - NAME " : "^ok \\d+ - NAME # SKIP .*REASON";
      t.match(said, new RegExp(verdict.replace("NAME", name).replace("REASON", lack), "m"));
    }
  });
}
