import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { ringward } from "./support/command-line.ts";

test("doctor measures, says when guarantees are void, and fails on a readable key", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  await ringward(["keys", "list"], { folder });
  const well = await ringward(["doctor", "--json"], { folder });
  const { checks } = JSON.parse(well.stdout);
  t.match(
    checks.find((check: { name: string }) => check.name === "agent's user"),
    {
      state: "warn",
      found: /every guarantee is void/,
    },
  );
  for (const name of [
    "node",
    "disk",
    "clock",
    "state folder",
    "key files",
    "agents' door",
    "deployment",
  ]) {
    t.match(
      checks.find((check: { name: string }) => check.name === name),
      { state: "ok" },
      name,
    );
  }
  await chmod(join(folder, "state", "cli.key"), 0o644);
  await chmod(join(folder, "policies"), 0o777);
  const ill = await ringward(["doctor"], { folder });
  t.equal(ill.code, 1);
  t.match(ill.stdout, /^fail {2}key files: .+cli\.key has mode 0644/m);
  t.match(ill.stdout, /^fail {2}controls: others can change .+policies\n {6}chmod go-w/m);
});

test("doctor fails on a door that is open to the network without TLS", async (t) => {
  const head = "apiVersion: ringward/v1\nkind: Deployment\n";
  const listen = "listen: { agents: { host: 0.0.0.0 }, operators: { host: 127.0.0.2 } }\n";
  const folder = t.testdir({ "ringward.yaml": head + listen });
  const { code, stdout } = await ringward(["doctor"], { folder });
  t.equal(code, 1);
  t.match(stdout, /^fail {2}agents' door: 0\.0\.0\.0:8700 is open/m);
  t.match(stdout, /^ok {4}operators' door: 127\.0\.0\.2:8701, loopback/m);
});
