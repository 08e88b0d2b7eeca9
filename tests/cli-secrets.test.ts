import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

test("a secret is set, listed without its value, rotated and removed, each of it in the record", async (t) => {
  const run = at(t);
  const said: string[] = [];
  const must = async (args: readonly string[], stdin?: string): Promise<Ended> => {
    const ended = await run(args, stdin);
    t.equal(ended.code, 0, ended.stderr);
    said.push(ended.stdout, ended.stderr);
    return ended;
  };
  const made = await must(["set", "desk.token", ...bound], `${canary}\n`);
  t.match(made.stdout, "set desk.token");
  t.match(made.stderr, /made their key: .*secrets\.key \(keep a copy of it elsewhere\)/);
  const listed = JSON.parse((await must(["list", "--json"])).stdout);
  t.match(listed, [
    {
      name: "desk.token",
      binding: {
        tools: ["ticket.find"],
        principals: ["support"],
        to: { scheme: "https", host: "desk.example.com", ports: [443], path: "/tickets" },
        place: { header: "authorization", prefix: "Bearer " },
      },
    },
  ]);
  t.match((await must(["list"])).stdout, /desk\.token +ticket\.find +support +GET https/);
  await must(["rotate", "desk.token"], other);
  const [left] = JSON.parse((await must(["list", "--json"])).stdout);
  t.strictSame([left.name, left.binding], ["desk.token", listed[0].binding]);
  t.ok(left.changedAt > left.createdAt);
  await must(["rm", "desk.token"]);

  const state = join(t.testdirName, ".local/state/ringward/state");
  const audit = await ringward(["audit", "list", "--json"], { folder: t.testdirName });
  for (const kind of ["event.secret.set", "event.secret.rotate", "event.secret.remove"]) {
    t.match(audit.stdout, kind);
  }
  const verify = await ringward(["audit", "verify"], { folder: t.testdirName });
  t.equal(verify.code, 0, verify.stdout);
  for (const name of readdirSync(state)) said.push(readFileSync(join(state, name), "latin1"));
  said.push(audit.stdout);
  for (const text of said) t.notOk(text.includes(canary) || text.includes(other));
});
