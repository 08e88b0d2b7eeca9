import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Test, test } from "tap";
import { ringward } from "./support/command-line.ts";

const day = 86_400_000;
const dateIn = (days: number): string =>
  new Date(Date.now() + days * day).toISOString().slice(0, 10);

const entry = (id: string, days: number): string => `
  - id: ${id}
    kind: injection:ignore-earlier
    tool: text.count
    in: result
    field: /note
    until: ${dateIn(days)}
    reason: "It quotes \\u001b[31mour manual."`;

async function deployment(t: Test, suppressions: string): Promise<{ readonly folder: string }> {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const config = join(folder, "ringward.yaml");
  const text = await readFile(config, "utf8");
  await writeFile(config, text.replace("guards:\n", "guards:\n  suppressions: ./quiet.yaml\n"));
  const head = "apiVersion: ringward/v1\nkind: Suppressions\nsuppressions:";
  await writeFile(join(folder, "quiet.yaml"), `${head}${suppressions}\n`);
  return { folder };
}

test("suppressions are listed with their end, and those that have ended are told", async (t) => {
  const where = await deployment(t, `${entry("lasting", 30)}${entry("over", 0)}`);
  const { code, stdout } = await ringward(["suppressions"], where);
  t.equal(code, 0);
  t.match(stdout, new RegExp(`lasting .*text\\.count result /note .*${dateIn(30)} +lasts`));
  t.match(stdout, new RegExp(`over .*${dateIn(0)} +ended`));
  t.match(stdout, "It quotes \\u{1b}[31mour manual.");
  const { stdout: json } = await ringward(["suppressions", "--json"], where);
  t.match(JSON.parse(json), [
    { id: "lasting", state: "lasts" },
    { id: "over", state: "ended" },
  ]);
});

test("a suppression that would last too long starts no gateway, and its place is told", async (t) => {
  const where = await deployment(t, entry("forever", 91));
  const { code, stderr } = await ringward(["suppressions"], where);
  t.equal(code, 78);
  t.match(stderr, /quiet\.yaml:9:\d+: .*lasts at most 90 days \(see docs\/guards\.md\)/);
  const args = ["call", "text.count", "--args", '{"text":"a"}'];
  t.equal((await ringward(args, where)).code, 78);
});

test("a file that is not there is no file without suppressions", async (t) => {
  const where = await deployment(t, entry("lasting", 30));
  await rm(join(where.folder, "quiet.yaml"));
  const { code, stderr } = await ringward(["suppressions"], where);
  t.equal(code, 78);
  t.match(stderr, /quiet\.yaml:1:1: cannot be read: ENOENT/);
});
