import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { TierReport } from "../gateway/cli/doctor/tiers.ts";
import { ringward } from "./support/command-line.ts";

test("doctor measures, says when guarantees are void, and fails on a readable key", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  await ringward(["keys", "list"], { folder });
  const well = await ringward(["doctor", "--json"], { folder });
  const { checks, mode, tiers } = JSON.parse(well.stdout);
  t.equal(mode, "production");
  const names = listsWalls(t, tiers);
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
  t.match(ill.stdout, /^isolate +level +wall +measured$/m);
  for (const name of names) t.ok(ill.stdout.includes(` ${name} `), name);
  t.match(ill.stdout, /^fail {2}key files: .+cli\.key has mode 0644/m);
  t.match(ill.stdout, /^fail {2}controls: others can change .+policies\n {6}chmod go-w/m);
});

test("doctor fails on a file that others can change in a folder that they cannot", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const [policy = ""] = await readdir(join(folder, "policies"));
  await chmod(join(folder, "policies", policy), 0o666);
  const { code, stdout } = await ringward(["doctor"], { folder });
  t.equal(code, 1);
  t.ok(stdout.includes(`others can change ${join(folder, "policies", policy)}`), stdout);
});

/** Each wall of the tier with what was measured; gives their names. */
function listsWalls(t: Test, tiers: readonly TierReport[]): readonly string[] {
  t.match(tiers, [{ tier: "isolate", offered: true, isWalled: true, launcher: String }]);
  const { launcher, launchers = [], walls = [] } = tiers[0] ?? {};
  t.ok(launchers.includes(launcher ?? ""));
  t.ok(walls.length > 30);
  for (const wall of walls) {
    t.strictSame(Object.keys(wall).sort(), ["floor", "holds", "measured", "name"]);
    t.ok(wall.holds || !wall.floor, `${wall.name}: ${wall.measured}`);
  }
  return walls.map(({ name }) => name);
}

test("doctor warns of development mode, and fails where it can be reached from elsewhere", async (t) => {
  const head = "apiVersion: ringward/v1\nkind: Deployment\nmode: development\n";
  const tls = "tls: { cert: ./cert.pem, key: ./key.pem }";
  const listen = `listen: { agents: { host: 0.0.0.0 }, ${tls} }\n`;
  const folder = t.testdir({ "ringward.yaml": head + listen });
  const { code, stdout } = await ringward(["doctor"], { folder });
  t.equal(code, 1);
  t.match(stdout, /^warn {2}mode: development$/m);
  t.match(stdout, /^fail {2}agents' door: 0\.0\.0\.0:8700 is open .+ development mode/m);
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
