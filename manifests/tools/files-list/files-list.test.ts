import { test } from "tap";
import { fakeHost, manifestIn } from "../testing.ts";
import { run } from "./files-list.ts";

test("the manifest allows to list the one folder that the call names", (t) => {
  const { permissions, output } = manifestIn(import.meta.dirname);
  t.same(permissions, { net: [], fs: [{ path: "{{args.path}}", access: "list" }] });
  t.equal(output.integrity, "untrusted");
  t.end();
});

test("returns the entries of the folder", async (t) => {
  const host = fakeHost();
  host.texts.set("a.md", "x");
  t.same(await run({ path: "." }, host), { entries: [{ name: "a.md", kind: "file", bytes: 1 }] });
});
