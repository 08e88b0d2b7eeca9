import { test } from "tap";
import { fakeHost, manifestIn } from "../testing.ts";
import { run } from "./files-read.ts";

test("the manifest allows to read the one path that the call names", (t) => {
  const { permissions, effects, output } = manifestIn(import.meta.dirname);
  t.same(permissions, { net: [], fs: [{ path: "{{args.path}}", access: "read" }] });
  t.same(effects, ["read"]);
  t.equal(output.integrity, "trusted", "as weak as the file, by its own label");
  t.end();
});

test("returns the text of the file", async (t) => {
  const host = fakeHost();
  host.texts.set("a/b.md", "hello");
  t.same(await run({ path: "a/b.md" }, host), { text: "hello" });
  await t.rejects(run({ path: "nope" }, host), new Error("no such file"));
});
