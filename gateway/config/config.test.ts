import { join } from "node:path";
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { readConfig } from "./config.ts";
import { type Containers, containersOf } from "./containers-config.ts";
import { embeddedConfig } from "./embedded.ts";

const head = "apiVersion: ringward/v1\nkind: Deployment\n";

test("a deployment file without more than its kind gets the defaults, with absolute paths", async (t) => {
  const folder = t.testdir({ "ringward.yaml": head });
  const config = await readConfig(join(folder, "ringward.yaml"));
  t.equal(config.state, join(folder, "state"));
  t.equal(config.workspace, join(folder, "workspace"));
  t.same(config.listen.agents, { host: "127.0.0.1", port: 8700 });
  t.same(config.guards, {
    input: ["secrets", "disguise", "personal"],
    output: ["secrets", "injection", "personal", "active"],
    actions: { secret: "redact", injection: "annotate" },
  });
});

test("a key set is a file beside the deployment file, or an address", async (t) => {
  const jwks = async (place: string): Promise<string | undefined> => {
    const jwt = `jwt: { issuer: i, audience: a, jwks: "${place}" }\n`;
    const folder = t.testdir({ "ringward.yaml": head + jwt });
    return (await readConfig(join(folder, "ringward.yaml"))).jwt?.jwks;
  };
  t.equal(await jwks("./keys/jwks.json"), join(t.testdirName, "keys/jwks.json"));
  t.equal(await jwks("https://identity.example/jwks"), "https://identity.example/jwks");
});

test("containers are off in production unless somebody says who launches them", async (t) => {
  const read = async (rest: string): Promise<Containers | undefined> => {
    const folder = t.testdir({ "ringward.yaml": head + rest });
    return containersOf(await readConfig(join(folder, "ringward.yaml")));
  };
  t.equal(await read(""), undefined);
  t.strictSame(await read("mode: development\n"), {
    engine: "/var/run/docker.sock",
    tiers: ["container", "gvisor"],
    images: join(t.testdirName, "state/images.json"),
    atOnce: containerLimits.containers,
    isNamed: false,
  });
  const named = "containers: { launcher: /run/l.sock, sockets: /run/s, images: i.json }\n";
  t.match(await read(named), {
    launcher: "/run/l.sock",
    sockets: "/run/s",
    images: join(t.testdirName, "i.json"),
    isNamed: true,
  });
  const up = "../../..";
  const beside = `{ engine: ${up}/e.sock, launcher: ${up}/l.sock, sockets: ${up}/s }`;
  t.match(await read(`containers: ${beside}\n`), {
    engine: join(t.testdirName, up, "e.sock"),
    launcher: join(t.testdirName, up, "l.sock"),
    sockets: join(t.testdirName, up, "s"),
  });
});

test("there may be so many containers at once, neither fewer nor more", async (t) => {
  const { containersLeast: least, containersCeiling: most } = containerLimits;
  const read = async (atOnce: number): Promise<unknown> => {
    const rest = `mode: development\ncontainers: { atOnce: ${atOnce} }\n`;
    const folder = t.testdir({ "ringward.yaml": head + rest });
    return await readConfig(join(folder, "ringward.yaml"));
  };
  for (const atOnce of [least, most]) t.match(await read(atOnce), { containers: { atOnce } });
  for (const atOnce of [least - 1, most + 1, 4.5]) await t.rejects(read(atOnce), /atOnce/);
});

test("paths of sockets are as long as the system takes them, and no longer", async (t) => {
  const { socketPathBytes, socketsFolderBytes } = containerLimits;
  for (const [key, most] of [
    ["engine", socketPathBytes],
    ["launcher", socketPathBytes],
    ["sockets", socketsFolderBytes],
  ] as const) {
    const read = async (bytes: number): Promise<unknown> => {
      const paths = { sockets: "/run/s", [key]: `/${"s".repeat(bytes - 1)}` };
      const rest = `mode: development\ncontainers: ${JSON.stringify(paths)}\n`;
      const folder = t.testdir({ "ringward.yaml": head + rest });
      return await readConfig(join(folder, "ringward.yaml"));
    };
    t.match(await read(most), { containers: { [key]: /^\/s+$/ } });
    await t.rejects(read(most + 1), {
      message: new RegExp(`\`${key}\` is longer than the ${most}`),
    });
  }
});

test("the built-in deployment keeps store and workspace beside each other", async (t) => {
  const config = embeddedConfig("/home/somebody/.local/state/ringward");
  t.equal(config.state, "/home/somebody/.local/state/ringward/state");
  t.equal(config.workspace, "/home/somebody/.local/state/ringward/workspace");
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown key", "wrokers: 2\n", /:3:1: .*wrokers/],
  ["an unknown key further in", "listen:\n  agent: {}\n", /:4:3: .*agent/],
  ["an empty pipeline", "guards: { input: [] }\n", /:3:11: .*empty pipeline/],
  ["an unknown detector", "guards: { output: [secret] }\n", /:3:20: .*secrets, disguise/],
  ["a port that is none", "listen: { agents: { port: 70000 } }\n", /:3:21: /],
  ["a file outside", "files: [{ path: ../x, integrity: trusted }]\n", /:3:11: .*plain path/],
  ["a file twice", "files: [{ path: a }, { path: a }]\n", /:3:1: .*stands twice/],
  ["a freeze of nobody", "signals: { crashes: { freeze: [agent] } }\n", /:3:\d+: /],
  ["no worker at all", "workers: 0\n", /:3:1: /],
  ["a host that leads to no address", "hosts: { a.example: localhost }\n", /:3:10: /],
  ["a workspace around the state", "workspace: .\n", /:3:1: .*shares files with `state`/],
  ["a state in the workspace", "state: ./workspace/state\n", /shares files with `state`/],
  ["policies in the workspace", "policies: [./workspace/p]\n", /shares files with `policies` \(/],
  ["manifests around the workspace", "manifests: [.]\n", /shares files with `manifests`/],
  ["the file itself in the workspace", "workspace: .\nstate: ../s\n", /with `this file`/],
  [
    "a key set in the workspace, where tools could write their own keys",
    "jwt: { issuer: i, audience: a, jwks: ./workspace/k.json }\n",
    /shares files with `jwt.jwks`/,
  ],
  [
    "authorities in the workspace",
    "authorities: [./workspace/ca.pem]\n",
    /shares files with `authorities`/,
  ],
  [
    "the key of TLS in the workspace",
    "listen: { tls: { cert: c.pem, key: workspace/k.pem } }\n",
    /shares files with `listen.tls`/,
  ],
  [
    "containers in production without a launcher of their own",
    "containers: {}\n",
    /:3:1: .*whoever holds the engine's socket is root/,
  ],
  [
    "a launcher that no sockets are shared with",
    "containers: { launcher: l.sock }\n",
    /:3:1: .*needs `sockets`.+\(see docs\/deployment\.md\)/,
  ],
  [
    "sockets whose paths would be too long",
    `mode: development\ncontainers: { sockets: ${"/s".repeat(31)} }\n`,
    /:4:1: .*`sockets` is longer than the 60 bytes/,
  ],
  ["an engine without a name", 'containers: { engine: "" }\n', /:3:15: /],
  ["an unknown key of containers", "containers: { privileged: true }\n", /:3:\d+: .*privileged/],
  [
    "a launcher in the workspace",
    "workspace: /w\ncontainers: { launcher: /w/l, sockets: /s }\n",
    /shares files with `containers.launcher`/,
  ],
  [
    "ways out in the workspace",
    "workspace: /w\ncontainers: { launcher: /l, sockets: /w/s }\n",
    /shares files with `containers.sockets`/,
  ],
  [
    "the engine's socket in the workspace",
    "mode: development\nworkspace: /w\ncontainers: { engine: /w/docker.sock }\n",
    /shares files with `containers.engine`/,
  ],
  [
    "the images file in the workspace, where tools could choose what runs",
    "mode: development\ncontainers: { images: workspace/images.json }\n",
    /shares files with `containers.images`/,
  ],
  [
    "a container tier that no engine runs",
    "containers: { tiers: [microvm] }\n",
    /:3:23: .*container/,
  ],
  ["no container tier at all", "containers: { tiers: [] }\n", /:3:15: /],
  ["two documents", "---\na: 1\n", /more than one document/],
  ["a key twice", "state: a\nstate: b\n", /:4:1: /],
];

for (const [what, text, message] of refused) {
  test(`refuses, with its place: ${what}`, async (t) => {
    const folder = t.testdir({ "ringward.yaml": head + text });
    const file = join(folder, "ringward.yaml");
    await t.rejects(readConfig(file), { name: "SourceError", message });
  });
}

test("refuses a file that is not there, and says how to make one", async (t) => {
  const file = join(t.testdir({}), "ringward.yaml");
  await t.rejects(readConfig(file), {
    name: "SourceError",
    message: `${file}:1:1: cannot be read: ENOENT (make one: \`ringward init DIR\`)`,
  });
});
