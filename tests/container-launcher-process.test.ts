import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import { type Config, parseConfig } from "../gateway/config/config.ts";
import { startLauncher } from "../gateway/launcher/start-launcher.ts";
import { loadTools } from "../gateway/tools/load-tools.ts";
import { containerLimits } from "../manifests/container-limits.ts";
import { connectLauncher } from "../sandbox/container/link/connect-launcher.ts";
import type { LaunchRequest } from "../sandbox/container/link/launcher.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { startChild } from "./support/children.ts";
import { ringward, startRingward } from "./support/command-line.ts";
import { engineFor, type TestEngine } from "./support/engine.ts";
import { descendants, readProcess } from "./support/processes.ts";
import { namesOf, requestOf } from "./support/test-launcher.ts";

interface Deployment {
  readonly folder: string;
  readonly config: Config;
  request(): LaunchRequest;
  names(): Promise<readonly string[]>;
}

const manifest = {
  apiVersion: "ringward/v1",
  kind: "Tool",
  name: "test.sleep",
  version: "1.0.0",
  description: "Waits.",
  input: { type: "object", additionalProperties: false, properties: {} },
  effects: ["read"],
  output: { schema: { type: "string" } },
  sandbox: { tier: "container" },
  run: { image: "shell", command: ["sleep", "600"] },
};

/** A deployment with one tool, whose program waits. */
async function deploymentFor(t: Test, engine: TestEngine, containers = {}): Promise<Deployment> {
  const images = { shell: { id: await busyboxImage(engine) } };
  const deployment = {
    apiVersion: "ringward/v1",
    kind: "Deployment",
    mode: "development",
    ...{ manifests: ["tools"], tools: [], state: "state", workspace: "workspace" },
    containers: { engine: engine.socket, images: "images.json", ...containers },
  };
  const folder = t.testdir({
    "ringward.yaml": JSON.stringify(deployment),
    "images.json": JSON.stringify(images),
    tools: { "sleep.yaml": JSON.stringify(manifest) },
    workspace: {},
  });
  const { readConfig } = await import("../gateway/config/config.ts");
  const config = await readConfig(join(folder, "ringward.yaml"));
  const ids = new Map([["shell", images.shell.id]]);
  const tools = await loadTools({ shipped: [], folders: config.manifests, images: ids });
  const pin = tools.get("test.sleep")?.pin ?? "";
  const instance = config.workspace;
  return {
    ...{ folder, config },
    request: () => requestOf({ pin }),
    names: () => namesOf({ engine: engine.socket, instance }),
  };
}

async function noneLeft({ names }: Deployment): Promise<void> {
  while ((await names()).length > 0) await sleep(20);
}

const never = new AbortController().signal;

test("a gateway that is killed takes its launcher and all containers along", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const deployment = await deploymentFor(t, engine);
  const { config, request } = deployment;
  const requests = [request(), request(), request()];
  const gateway = startChild(t, "developing-child.ts", { config, requests });
  const socket = await gateway.line();
  t.ok(existsSync(socket));
  t.equal((await deployment.names()).length, 3);
  const [launcher = 0] = launchersOf(gateway.process.pid ?? 0);
  t.ok(launcher > 0);
  await gateway.kill();
  await noneLeft(deployment);
  while (existsSync(`/proc/${launcher}`)) await sleep(20);
  t.notOk(existsSync(dirname(socket)));
});

test("a launcher that is killed is replaced, and what it left is removed", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const deployment = await deploymentFor(t, engine);
  process.env["RINGWARD_TEST_VALUE"] = "a-secret-of-the-gateway";
  const started = await startLauncher(deployment.config);
  const launcher = connectLauncher(started.socket, (bug) => t.fail(String(bug)));
  t.teardown(() => launcher.close().then(() => started.close()));
  const first = await launcher.launch(deployment.request(), never);
  const [pid = 0] = launchersOf(process.pid);
  const variables = readFileSync(`/proc/${pid}/environ`, "utf8");
  t.notMatch(variables, /a-secret-of-the-gateway/, "it is given no variables of ours");
  process.kill(pid, "SIGKILL");
  t.match(await first.ended, { lost: "launcher" });
  await noneLeft(deployment);
  const launched = await launcher.launch(deployment.request(), never);
  t.equal((await deployment.names()).length, 1);
  await launched.kill();
});

test("signals for a whole service do not end a launcher before its gateway has", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const deployment = await deploymentFor(t, engine);
  const started = await startLauncher(deployment.config);
  const launcher = connectLauncher(started.socket, (bug) => t.fail(String(bug)));
  await launcher.launch(deployment.request(), never);
  const [pid = 0] = launchersOf(process.pid);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
  await launcher.facts();
  t.equal((await deployment.names()).length, 1);
  await launcher.close();
  await started.close();
  t.strictSame(await deployment.names(), []);
  t.notOk(existsSync(started.socket));
  t.notOk(existsSync(`/proc/${pid}`));
});

test("a launcher that cannot start says why", async (t) => {
  const folder = t.testdir({ tools: { "a.yaml": "kind: Nothing" } });
  const config = parseConfig({
    ...{ apiVersion: "ringward/v1", kind: "Deployment", mode: "development" },
    ...{ state: join(folder, "state"), workspace: join(folder, "workspace") },
    ...{ manifests: [join(folder, "tools")], tools: [] },
  });
  await t.rejects(startLauncher(config), /a\.yaml/);
  t.strictSame(launchersOf(process.pid), []);
});

test("a launcher of a gateway whose temporary folder lies deep has sockets that the kernel takes", async (t) => {
  const folder = t.testdir({ tools: {} });
  const deep = mkdtempSync(join(tmpdir(), "ringward-lt-".padEnd(60, "x")));
  t.teardown(() => rmSync(deep, { recursive: true }));
  const { TMPDIR = "" } = process.env;
  t.teardown(() => (TMPDIR === "" ? delete process.env["TMPDIR"] : setTemporary(TMPDIR)));
  const config = parseConfig({
    ...{ apiVersion: "ringward/v1", kind: "Deployment", mode: "development" },
    ...{ state: join(folder, "state"), workspace: join(folder, "workspace") },
    ...{ manifests: [join(folder, "tools")], tools: [] },
  });
  setTemporary(deep);
  const started = await startLauncher(config);
  t.ok(Buffer.byteLength(started.socket) <= containerLimits.socketPathBytes);
  t.ok(Buffer.byteLength(started.sockets) <= containerLimits.socketsFolderBytes);
  await started.close();
});

function setTemporary(folder: string): void {
  process.env["TMPDIR"] = folder;
}

test("`ringward launcher` serves until it is asked to stop, and ends its containers", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const link = mkdtempSync(join(tmpdir(), "ringward-lt-"));
  t.teardown(() => rmSync(link, { recursive: true }));
  const place = { launcher: join(link, "launcher.sock"), sockets: join(link, "out") };
  const deployment = await deploymentFor(t, engine, place);
  const { folder, config } = deployment;
  const child = startRingward(["launcher"], { folder });
  t.teardown(() => child.kill("SIGKILL"));
  const [said] = await once(child.stdout, "data");
  t.equal(
    String(said),
    `launcher  ${config.containers?.launcher}\nengine    ${engine.socket}\ntools     1\n`,
  );
  const launcher = connectLauncher(config.containers?.launcher ?? "", (bug) => t.fail(String(bug)));
  const launched = await launcher.launch(deployment.request(), never);
  t.equal((await deployment.names()).length, 1);
  child.kill("SIGTERM");
  t.match(await launched.ended, { lost: "launcher" }, "its end says nothing of the tool");
  const [code] = await once(child, "close");
  t.equal(code, 0);
  t.strictSame(await deployment.names(), []);
});

test("`ringward launcher` without a place to serve says what is missing", async (t) => {
  const { code, stderr } = await ringward(["launcher"], { folder: t.testdir({}) });
  t.equal(code, 78);
  t.match(stderr, /^ringward: .*`containers: \{ launcher: SOCKET, sockets: FOLDER \}`.*\n$/);
});

/** The launchers among what comes from a process. */
function launchersOf(pid: number): readonly number[] {
  return descendants(pid).filter((one) => readProcess(one, "cmdline").includes("/launcher/main."));
}
