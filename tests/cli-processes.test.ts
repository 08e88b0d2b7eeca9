import { once } from "node:events";
import { test } from "tap";
import { ringward, startRingward } from "./support/command-line.ts";

const args = ["call", "js.run", "--args", '{"code":"return 6*7"}'];

test("several command lines at once each keep a chain of their own", async (t) => {
  const folder = t.testdir({});
  await ringward(["keys", "list"], { folder });
  const ended = await Promise.all([1, 2, 3].map(() => ringward([...args, "--json"], { folder })));
  for (const { code, stderr } of ended) t.equal(code, 0, stderr);
  const verified = await ringward(["audit", "verify", "--json"], { folder });
  t.match(JSON.parse(verified.stdout), { verified: true });
});

test("a reader that goes away loses the text, not the call", async (t) => {
  const folder = t.testdir({});
  const child = startRingward([...args, "--json"], { folder });
  child.stdout.destroy();
  child.stdin.end();
  const [code] = await once(child, "close");
  t.equal(code, 0);
  const listed = await ringward(["audit", "list", "--kind", "end", "--json"], { folder });
  t.equal(JSON.parse(listed.stdout).length, 1);
});

test("SIGINT ends a call that runs, and its end is in the record", async (t) => {
  const folder = t.testdir({});
  const loop = ["call", "js.run", "--args", '{"code":"for (;;) {}"}', "--json"];
  const child = startRingward(loop, { folder });
  child.stdin.end();
  await sawIntent(folder);
  child.kill("SIGINT");
  const [chunk] = await once(child.stdout, "data");
  const [code] = await once(child, "close");
  t.match(JSON.parse(String(chunk)), { status: "refused", code: /CANCELLED|TIMEOUT_/ });
  t.equal(code, 1);
});

async function sawIntent(folder: string): Promise<void> {
  const { stdout } = await ringward(["audit", "list", "--kind", "intent", "--json"], { folder });
  if (!stdout.includes('"intent"')) await sawIntent(folder);
}
