// The composition of docker-compose.yml, on an engine: the same users, networks and mounts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import tap, { type Test, test } from "tap";
import type { OpenedSession } from "../agent/answers.ts";
import { createCleanup } from "../demo/cleanup.ts";
import { startPlaces } from "../demo/places.ts";
import { play } from "../demo/play.ts";
import { brokenPromises } from "../demo/rows.ts";
import type { Stage } from "../demo/stage.ts";
import { bundleProgram } from "./support/bundle.ts";
import type { Report, Told, Way } from "./support/composition/agent-report.ts";
import { openSession } from "./support/composition/application.ts";
import { demoStage } from "./support/composition/demo-stage.ts";
import { type Scene, setUpScene } from "./support/composition/scene.ts";

tap.setTimeout(115_000);

test("the composition", async (t) => {
  const cleanup = createCleanup();
  t.teardown(() => cleanup.run());
  const places = await startPlaces(cleanup);
  const scene = await setUpScene(t, places);
  if (!scene) return;
  await t.test("leads an agent to the gateway and nowhere else", (part) =>
    leadsNowhere(part, scene),
  );
  await t.test("gives each part what it needs", (part) => holdsEachPart(part, scene));
  await t.test("contains the demo's agent, and does its user's work", async (part) => {
    await containsAgent(part, scene, demoStage(part, scene, places));
  });
});

/** From inside the agent's container. */
async function leadsNowhere(t: Test, scene: Scene): Promise<void> {
  const told = await whatToTry(scene, await openSession(scene, { principal: "alice" }));
  await leadsSomewhere(t, scene, told);
  const heard = await scene.neighbours.heard("host");
  const report = await tryIn(scene, told);
  t.strictSame(report.calls, [
    { tool: "text.count", status: "completed", tier: "isolate" },
    { tool: "text.measure", status: "completed", tier: "container" },
  ]);
  t.strictSame(report.reached, [], "no way leads anywhere but to the gateway's agents' door");
  t.strictSame(report.resolved, [], "no name but the composition's is known");
  t.strictSame(report.interfaces, ["eth0", "lo"]);
  t.strictSame(report.read, ["/run/gateway.pem"], "of the deployment it has the certificate");
  t.strictSame(report.written, ["/tmp"], "and it writes to its own scratch alone");
  t.strictSame(report.programs, ["/sbin/docker-init", "node"], "no other process is to be seen");
  t.equal(await scene.neighbours.heard("host"), heard, "nobody outside heard of it");
}

/** The same program on the host, without a call: what it tries is really there. */
async function leadsSomewhere(t: Test, scene: Scene, told: Told): Promise<void> {
  const report = await tryIn(scene, { ...told, proposals: [] }, "host");
  const nowhere = [told.ways[0]?.host, "gateway", "192.0.2.1"];
  const isHere = ({ protocol, host }: Way): boolean =>
    protocol !== "unix" && !nowhere.includes(host);
  t.strictSame(report.reached, told.ways.filter(isHere), "from the host they lead somewhere");
  t.ok(report.resolved.includes(outsideName), "and names are known");
}

async function tryIn({ composition }: Scene, told: Told, mode?: "host"): Promise<Report> {
  const { code, stdout, stderr } = await composition.run("agent", {
    entrypoint: ["node", "--input-type=module", "-e", program],
    input: JSON.stringify(told),
    ...(mode && { network_mode: mode }),
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

const program = bundleProgram(new URL("support/composition/inside-agent.ts", import.meta.url));

async function containsAgent(t: Test, { folder }: Scene, stage: Stage): Promise<void> {
  const { signal } = new AbortController();
  const outcome = await play(stage, { onRow: () => {}, signal });
  t.strictSame(brokenPromises(outcome), []);
  const { rows, unwalled } = outcome;
  const completed = rows.filter(({ call }) => call.status === "completed");
  const tiers = new Set(completed.map(({ call }) => call.tier));
  t.strictSame([...tiers], ["isolate"], "in jails inside the gateway's container");
  t.strictSame(unwalled, [], "that have their walls");
  const summary = readFileSync(join(folder, "workspace", "summary.md"), "utf8");
  t.match(summary, /^# Licences of \d+ installed packages\n\n- .*: [\d.]+ %\n/);
}

async function whatToTry(scene: Scene, { session, token }: OpenedSession): Promise<Told> {
  const reads = [...pathsOf(scene), "/run/gateway.pem"];
  const args = { arguments: { text: "one two three" } };
  return {
    ...{ gateway: "https://gateway:8700", session, token, patienceMs: 1_500 },
    proposals: [
      { tool: "text.count", ...args },
      { tool: "text.measure", ...args },
    ],
    ways: await waysOf(scene),
    names: [outsideName, "launcher", "host.docker.internal"],
    reads,
    writes: [...reads, "/", "/opt/node_modules/ringward", "/etc", "/proc/sys/kernel", "/tmp"],
  };
}

const outsideName = "secrets.of.the.agent.example";

/** Doors that are not the agent's, the host by each of its addresses, others that tools may reach. */
async function waysOf({ composition, neighbours, places, socket }: Scene): Promise<readonly Way[]> {
  const tcp = (host: string, port: number): Way => ({ protocol: "tcp", host, port });
  const unix = (path: string): Way => ({ protocol: "unix", host: path, port: 0 });
  const { Networks } = (await composition.inspect("gateway")).NetworkSettings;
  const { ringward_agents: agents, ringward_outside: outside } = Networks;
  const hosts = [outside?.Gateway ?? "", "172.17.0.1", "169.254.169.254"];
  const others = [...hosts, await neighbours.address("other")];
  return [
    // Nobody has this address: else it would be the host's.
    tcp(agents?.Gateway ?? "", 9999),
    tcp("gateway", 8701),
    tcp(outside?.IPAddress ?? "", 8700),
    ...others.map((host) => tcp(host, 9999)),
    ...others.map((host): Way => ({ protocol: "udp", host, port: 9999 })),
    ...places.ports.map((port) => tcp(places.address, port)),
    tcp("192.0.2.1", 80),
    ...["/var/run/docker.sock", socket, "/run/ringward/launcher.sock"].map(unix),
  ];
}

function pathsOf({ folder, socket }: Scene): readonly string[] {
  const names = ["ringward.yaml", "policies", "manifests", "images.json", "tls", "tls/key.pem"];
  const inFolder = [...names, "workspace", "sockets"].map((name) => join(folder, name));
  const state = ["/var/lib/ringward", "/var/lib/ringward/state"];
  return [folder, ...inFolder, ...state, "/run/ringward", "/var/run/docker.sock", socket];
}

/** What the gateway and the launcher may change, and what they see of each other's. */
async function holdsEachPart(t: Test, scene: Scene): Promise<void> {
  const paths = [...pathsOf(scene), "/"];
  const gateway = await tryPart(scene, "gateway", paths);
  const own = ["/var/lib/ringward", "/var/lib/ringward/state", "/run/ringward"];
  const shared = ["workspace", "sockets"].map((name) => join(scene.folder, name));
  t.strictSame(gateway.written, [...shared, ...own], "the gateway changes no control of its own");
  t.notOk(gateway.there.includes("/var/run/docker.sock"), "and has no engine");
  const launcher = await tryPart(scene, "launcher", paths);
  t.strictSame(launcher.written, ["/run/ringward"], "the launcher changes nothing but the link");
  t.strictSame(launcher.interfaces, ["lo"], "and is on no network");
  const kept = [join(scene.folder, "tls"), "/var/lib/ringward/state"];
  t.strictSame(
    kept.filter((path) => launcher.there.includes(path)),
    [],
    "it has no key, no record",
  );
}

interface Part {
  readonly there: readonly string[];
  readonly written: readonly string[];
  readonly interfaces: readonly string[];
}

async function tryPart(
  { composition }: Scene,
  part: string,
  paths: readonly string[],
): Promise<Part> {
  const command = ["node", "-e", trying, JSON.stringify(paths)];
  const { code, stdout, stderr } = await composition.exec(part, command);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Part;
}

const trying = `
const { existsSync, openSync, statSync } = require("node:fs");
const paths = JSON.parse(process.argv[1]);
const isWritten = (path) => {
  try {
    return openSync(statSync(path).isDirectory() ? path + "/written" : path, "a") > 0;
  } catch {
    return false;
  }
};
const interfaces = Object.keys(require("node:os").networkInterfaces());
const there = paths.filter((path) => existsSync(path));
console.log(JSON.stringify({ there, written: paths.filter(isWritten), interfaces }));`;
