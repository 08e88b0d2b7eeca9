import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { loadTools } from "../gateway/tools/load-tools.ts";
import { ringward } from "./support/command-line.ts";
import { block, textOf } from "./support/source-files.ts";

test("the tool, the rule and the cases of the pages work as they are typed", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const files = {
    "manifests/ticket-find.yaml": block("docs/manifests.md", "yaml", "ticket.find"),
    "manifests/ticket-find.ts": block("docs/manifests.md", "ts", "run("),
    "manifests/text-reverse.yaml": block("docs/images.md", "yaml", "text.reverse"),
    "manifests/notes-keep.yaml": block("docs/services.md", "yaml", "notes.keep"),
    "policies/desk.cedar": block("docs/policies.md", "cedar", "ticket.find"),
    "cases/desk.yaml": block("docs/policies.md", "yaml", "ticket.find"),
    "cases/page.yaml": block("docs/cli.md", "yaml", "want: ask"),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  for (const command of [
    ["manifest", "check", "manifests"],
    ["policy", "check"],
    ["policy", "test"],
  ]) {
    const { code, stdout, stderr } = await ringward(command, { folder });
    t.equal(code, 0, stdout + stderr);
  }
});

test("the page of manifests names every shipped tool and its effects", async (t) => {
  const tools = [...(await loadTools({ folders: [] })).values()];
  const [, section = ""] = textOf("docs/manifests.md").split("## The shipped tools");
  const rows = [...section.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)];
  t.strictSame(
    rows.map(([, name, effects]) => `${name}: ${effects}`),
    tools.map(({ manifest: { name, effects } }) => `${name}: ${effects.join(", ")}`),
  );
});
