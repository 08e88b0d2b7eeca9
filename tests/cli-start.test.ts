import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Test, test } from "tap";
import { ringward } from "./support/command-line.ts";
import { startProgram } from "./support/running-program.ts";

const head = "apiVersion: ringward/v1\nkind: Deployment\n";
const anyPort = `${head}listen: { agents: { port: 0 }, operators: { port: 0 } }\n`;

test("start serves, a command line works beside it, a second start does not, SIGTERM ends it", async (t) => {
  const folder = t.testdir({ "ringward.yaml": anyPort });
  const args = ["start", "--log", "silent"];
  const gateway = await startProgram(t, args, { folder, ready: "operators" });
  const agents = gateway.says("agents");
  const health = await fetch(`${agents}/healthz`);
  t.equal(health.status, 200);

  const made = await ringward(["keys", "new", "host", "--principal", "app"], { folder });
  t.equal(made.code, 0, made.stderr);
  const opened = await fetch(`${agents}/v1/sessions`, {
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
