import { test } from "tap";
import { ringward } from "./support/command-line.ts";

test("a key is made, listed without its secret, rotated and revoked", async (t) => {
  const folder = t.testdir({});
  const run = (...args: string[]): ReturnType<typeof ringward> => ringward(args, { folder });

  const made = await run("keys", "new", "host", "--principal", "app", "--days", "30", "--json");
  t.equal(made.code, 0, made.stderr);
  const first = JSON.parse(made.stdout);
  t.match(first, { kind: "host", principal: "app", secret: /^rw_host_[\w-]{43}$/ });
  t.equal(first.hash, undefined);

  const rotated = await run("keys", "rotate", first.id, "--json");
  t.equal(rotated.code, 0, rotated.stderr);
  const second = JSON.parse(rotated.stdout);
  t.match(second, { kind: "host", principal: "app" });
  t.not(second.secret, first.secret);
  t.equal(second.expiresAt - second.createdAt, 30 * 86_400_000);

  const listed = await run("keys", "list");
  t.match(listed.stdout, new RegExp(`${first.id} +host +app +revoked`));
  t.match(listed.stdout, new RegExp(`${second.id} +host +app +good until`));
  t.notMatch(listed.stdout, /rw_host_/);

  t.equal((await run("keys", "revoke", second.id)).code, 0);
  const json = await run("keys", "list", "--json");
  t.equal(JSON.parse(json.stdout).filter((key: { revokedAt?: number }) => key.revokedAt).length, 2);
  t.notMatch(json.stdout, /hash|rw_host_/);
  t.equal((await run("keys", "rotate", second.id)).code, 1, "a revoked key stays revoked");
});

test("a key that does not exist is neither revoked nor rotated", async (t) => {
  const folder = t.testdir({});
  for (const verb of ["revoke", "rotate"]) {
    const { code, stderr } = await ringward(["keys", verb, "key_x"], { folder });
    t.equal(code, 1);
    t.match(stderr, /no such key \(copy the id from the `list`/);
  }
});

test("a tool that is frozen is refused until it is thawed", async (t) => {
  const folder = t.testdir({});
  const call = ["call", "js.run", "--args", '{"code":"return 1"}', "--json"];
  const freeze = ["freeze", "tool", "js.run", "--reason", "looking into it"];
  t.equal((await ringward(freeze, { folder })).code, 0);
  const refused = await ringward(call, { folder });
  t.equal(refused.code, 1);
  t.match(JSON.parse(refused.stdout), { code: "FROZEN" });
  t.match((await ringward(["freezes"], { folder })).stdout, /tool +js\.run .+looking into it/);
  t.equal((await ringward(["thaw", "tool", "js.run"], { folder })).code, 0);
  t.equal((await ringward(call, { folder })).code, 0);
  t.equal((await ringward(["thaw", "tool", "js.run"], { folder })).code, 1);
});

test("a freeze of a tool that nobody has stands, and says so", async (t) => {
  const folder = t.testdir({});
  const frozen = await ringward(["freeze", "tool", "js.rnu", "--reason", "x"], { folder });
  t.equal(frozen.code, 0);
  t.match(frozen.stderr, /No tool of this deployment has that name/);
  t.match((await ringward(["freezes"], { folder })).stdout, /js\.rnu/);
});
