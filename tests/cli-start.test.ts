import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Test, test } from "tap";
import { ringward, startRingward } from "./support/command-line.ts";

const head = "apiVersion: ringward/v1\nkind: Deployment\n";
const anyPort = `${head}listen: { agents: { port: 0 }, operators: { port: 0 } }\n`;

interface Started {
  readonly agents: string;
  readonly operators: string;
  /** Its exit code. */
  stop(): Promise<number>;
}

async function start(t: Test, folder: string): Promise<Started> {
  const child = startRingward(["start", "--log", "silent"], { folder });
  t.teardown(() => child.kill("SIGKILL"));
  child.stdin.end();
  child.stderr.resume();
  const urls: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    urls.push(line.split(/ +/)[1] ?? "");
    if (urls.length === 2) break;
  }
  const [agents = "", operators = ""] = urls;
  return {
    agents,
    operators,
    async stop() {
      child.kill("SIGTERM");
      const [code] = await once(child, "close");
      return code;
    },
  };
}

test("start serves, a command line works beside it, a second start does not, SIGTERM ends it", async (t) => {
  const folder = t.testdir({ "ringward.yaml": anyPort });
  const gateway = await start(t, folder);
  const health = await fetch(`${gateway.agents}/healthz`);
  t.equal(health.status, 200);

  const made = await ringward(["keys", "new", "host", "--principal", "app"], { folder });
  t.equal(made.code, 0, made.stderr);
  const opened = await fetch(`${gateway.agents}/v1/sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${made.stdout.trim()}`, "content-type": "application/json" },
    body: JSON.stringify({ principal: "alice" }),
  });
  t.equal(opened.status, 201, "the key is good at once");

  const second = await ringward(["start"], { folder });
  t.equal(second.code, 78, second.stdout);
  t.match(
    second.stderr,
    /^ringward: [^\n]+running gateway, process \d+, holds this store[^\n]+\n$/,
  );
  t.equal(await gateway.stop(), 0);
  const verified = await ringward(["audit", "verify"], { folder });
  t.equal(verified.code, 0, verified.stdout);
});

test("without a deployment file the first start makes random keys for their owner alone", async (t) => {
  const folder = t.testdir({});
  await occupy(t, 8700);
  const { code, stderr } = await ringward(["start", "--log", "silent"], { folder });
  t.equal(code, 69, "it goes no further than its door, which is occupied");
  t.match(stderr, /^ringward: .*address already in use[^\n]+\n$/m);
  const keys = join(folder, ".local/state/ringward/state/keys");
  t.equal((await stat(keys)).mode & 0o777, 0o700);
  for (const kind of ["host", "operator", "auditor"]) {
    const file = join(keys, `${kind}.key`);
    t.equal((await stat(file)).mode & 0o777, 0o600);
    t.match(await readFile(file, "utf8"), new RegExp(`^rw_${kind}_[\\w-]{43}\\n$`));
  }
});

/** Where somebody else has the port already, that serves too. */
async function occupy(t: Test, port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  t.teardown(() => server.close());
  await once(server, "listening").catch(() => undefined);
}

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown key", `${head}wrokers: 2\n`, /ringward\.yaml:3:1: .*wrokers.*\(remove the key/],
  [
    "an empty pipeline",
    `${head}guards: { input: [] }\n`,
    /:3:11: .*an empty pipeline guards nothing/,
  ],
  ["a file that is no YAML", `${head}listen: [\n`, /ringward\.yaml:\d+:\d+: /],
  ["an empty file", "", /ringward\.yaml:1:1: the file is empty/],
  ["a folder of policies that is missing", `${head}policies: [./none]\n`, /none/],
  ["a policy that is no Cedar", `${head}policies: [./bad-policies]\n`, /bad\.cedar:1:\d+: /],
  ["no policy at all", `${head}policies: [./no-policies]\n`, /no policy at all/],
  ["a manifest that is wrong", `${head}manifests: [./bad-tools]\n`, /bad\.yaml:1:1: /],
  ["a shipped tool that does not exist", `${head}tools: [js.rum]\n`, /no shipped tool `js\.rum`/],
  ["a state folder that is a file", `${head}state: ./a-file\n`, /a-file: .+\(/],
  ["a store that is no store", `${head}state: ./bad-state\n`, /not a store of Ringward/],
  ["a workspace that is a file", `${head}workspace: ./a-file\n`, /a-file/],
  [
    "a door open in the clear",
    `${head}listen: { agents: { host: 0.0.0.0, port: 0 } }\n`,
    /TLS|proxy/,
  ],
  ["a certificate that is missing", `${head}listen: { tls: { cert: a, key: b } }\n`, /ENOENT/],
];

for (const [what, text, message] of refused) {
  test(`does not start, exits with 78 and says why on one line: ${what}`, async (t) => {
    const folder = t.testdir({
      "ringward.yaml": text,
      "a-file": "text",
      "bad-policies": { "bad.cedar": "permit (principal, action" },
      "no-policies": {},
      "bad-tools": { "bad.yaml": "kind: Tool\n" },
      "bad-state": { "store.sqlite": "x".repeat(5_000) },
    });
    const { code, stdout, stderr } = await ringward(["start", "--log", "silent"], { folder });
    const lines = stderr.split("\n").filter((line) => line.startsWith("ringward: "));
    t.equal(code, 78, stderr);
    t.equal(stdout, "");
    t.equal(lines.length, 1, stderr);
    t.match(lines[0], message);
    t.notMatch(stderr, /\n {4}at /, "no stack");
  });
}

test("a deployment file that is named and missing is not replaced by defaults", async (t) => {
  const folder = t.testdir({});
  const { code, stderr } = await ringward(["start", "--config", "no.yaml"], { folder });
  t.equal(code, 78);
  t.match(stderr, /no\.yaml:1:1: cannot be read: ENOENT/);
});

test("a stack is printed with --debug alone", async (t) => {
  const folder = t.testdir({ "ringward.yaml": `${head}a: 1\n` });
  const plain = await ringward(["keys", "list"], { folder });
  t.notMatch(plain.stderr, /\n {4}at /);
  const debug = await ringward(["keys", "list", "--debug"], { folder });
  t.match(debug.stderr, /\n {4}at /);
  t.equal(debug.code, 78);
});

test("a state folder that may not be written is said so", { skip: isRoot() }, async (t) => {
  const folder = t.testdir({ "ringward.yaml": `${head}state: ./locked/state\n` });
  await mkdir(join(folder, "locked"), { mode: 0o500 });
  await writeFile(join(folder, "note"), "");
  const { code, stderr } = await ringward(["keys", "list"], { folder });
  t.equal(code, 78);
  t.match(stderr, /not a folder to write to/);
});

function isRoot(): string | false {
  return process.getuid?.() === 0 ? "root may write everywhere" : false;
}
