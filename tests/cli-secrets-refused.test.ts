import { type Test, test } from "tap";
import { type Ended, ringward } from "./support/command-line.ts";

const canary = "canary-9f8e7d6c5b4a";
const other = "another-1a2b3c4d5e6f";
const bound = [
  ...["--tool", "ticket.find", "--principal", "support", "--host", "desk.example.com"],
  ...["--path", "/tickets", "--header", "Authorization", "--prefix", "Bearer "],
];

function at(t: Test): (args: readonly string[], stdin?: string) => Promise<Ended> {
  const folder = t.testdir({});
  return async (args, stdin = "") => await ringward(["secrets", ...args], { folder, stdin });
}

const wrong: readonly [string, readonly string[], string, number, RegExp][] = [
  ["too short", ["set", "a", ...bound], "short", 2, /at least 8 letters and digits/],
  ["of two lines", ["set", "a", ...bound], `${canary}\nx`, 2, /one line of printable ASCII/],
  ["in two places", ["set", "a", ...bound, "--query", "k"], canary, 2, /a place is `header`/],
  ["for no port", ["set", "a", ...bound, "--port", "x"], canary, 2, /to\.ports/],
  ["on the command line", ["set", "a", canary, ...bound], "", 2, /pipe it in, or type it/],
  ["on its line again", ["rotate", "a", canary], "", 2, /pipe it in, or type it/],
  ["that is not there", ["rotate", "a"], canary, 1, /no such secret/],
];
test("a secret that is wrong is refused with what is wrong about it, and nothing is kept", async (t) => {
  const run = at(t);
  const tried = wrong.map(async ([name, args, stdin, code, why]) => {
    const ended = await run(args, stdin);
    t.equal(ended.code, code, `${name}: ${ended.stderr}`);
    t.match(ended.stderr, why, name);
    t.notMatch(ended.stderr, canary, name);
  });
  await Promise.all(tried);
  t.match((await run(["list"])).stderr, /No secrets yet/);
});

test("a second secret of one name is refused; two commands at once both keep theirs", async (t) => {
  const run = at(t);
  t.equal((await run(["set", "first", ...bound], canary)).code, 0);
  const again = await run(["set", "first", ...bound], other);
  t.equal(again.code, 1);
  t.match(again.stderr, /there is a secret of that name \(`ringward secrets rotate`/);
  const names = ["second", "third"];
  const ended = await Promise.all(names.map((name) => run(["set", name, ...bound], canary)));
  t.strictSame(
    ended.map(({ code }) => code),
    [0, 0],
    ended.map(({ stderr }) => stderr).join(),
  );
  const listed = JSON.parse((await run(["list", "--json"])).stdout) as { name: string }[];
  t.strictSame(listed.map(({ name }) => name).sort(), ["first", ...names].sort());
});

test("a secret for a tool that nobody has is kept, and pointed out", async (t) => {
  const run = at(t);
  const set = await run(["set", "desk", ...bound, "--tool", "js.run"], canary);
  t.match(set, { code: 0, stdout: "set desk\n" });
  t.match(
    set.stderr,
    /^No tool of this deployment is named ticket\.find; it is kept all the same\.$/m,
  );
  t.notMatch(set.stderr, /js\.run/);
});

test("doctor says when secrets cannot be read", async (t) => {
  const run = at(t);
  await run(["set", "desk", ...bound], canary);
  const checked = async (env: Readonly<Record<string, string>>): Promise<string> => {
    return (await ringward(["doctor"], { folder: t.testdirName, env })).stdout;
  };
  t.match(await checked({}), /^ok {4}secrets: 1 in the encrypted file, 0 kept elsewhere$/m);
  const key = Buffer.alloc(32, 7).toString("base64");
  const other = await checked({ RINGWARD_SECRETS_KEY: key });
  t.match(other, /^fail {2}secrets: .+is under another key \(bring back/m);
});

test("a key that does not fit leaves the secrets as they are", async (t) => {
  const run = at(t);
  t.equal((await run(["set", "desk", ...bound], canary)).code, 0);
  const key = (value: string): Promise<Ended> =>
    ringward(["secrets", "list"], { folder: t.testdirName, env: { RINGWARD_SECRETS_KEY: value } });
  t.match(await key("a passphrase"), {
    code: 78,
    stderr: /not a key of 32 random bytes in base64/,
  });
  t.match(await key(Buffer.alloc(32, 7).toString("base64")), { code: 78, stderr: /another key/ });
  t.equal((await run(["list"])).code, 0);
});
