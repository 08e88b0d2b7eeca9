import { test } from "tap";
import { fakeHost, manifestIn } from "../testing.ts";
import { run } from "./files-write.ts";

test("the manifest allows to write the one path that the call names, and to read none", (t) => {
  const { permissions, effects } = manifestIn(import.meta.dirname);
  t.same(permissions, { net: [], fs: [{ path: "{{args.path}}", access: "write" }] });
  t.same(effects, ["write"]);
  t.end();
});

test("writes the text and says how many bytes it took", async (t) => {
  const host = fakeHost();
  t.same(await run({ path: "a.md", text: "h\u00e9" }, host), { bytes: 3 });
  t.equal(host.texts.get("a.md"), "h\u00e9");
});
