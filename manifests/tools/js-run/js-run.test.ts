import { test } from "tap";
import { manifestIn } from "../testing.ts";
import { run } from "./js-run.ts";

test("the manifest gives the code no permission at all", (t) => {
  const manifest = manifestIn(import.meta.dirname);
  t.match(manifest, { name: "js.run", roles: { code: "command" }, effects: ["read"] });
  t.same(manifest.permissions, { net: [], fs: [] });
  t.end();
});

test("returns what the function body returns", async (t) => {
  t.equal(await run({ code: "return 6*7" }), 42);
  t.same(await run({ code: "return input.map((n) => n * 2)", input: [1, 2] }), [2, 4]);
  t.equal(await run({ code: "return await Promise.resolve('later')" }), "later");
  t.equal(await run({ code: "let nothing" }), null);
});

test("what the code throws, and code that is none, is an error", async (t) => {
  await t.rejects(run({ code: "throw new Error('mine')" }), new Error("mine"));
  await t.rejects(run({ code: "return (" }), SyntaxError);
  await t.rejects(run({ code: "undeclared = 1" }), ReferenceError);
});

test("attack: the code sees no host, and no variable of the tool's", async (t) => {
  const seen = "return [typeof host, typeof args, typeof code, arguments.length, typeof this]";
  t.same(await run({ code: seen }), ["undefined", "undefined", "undefined", 1, "undefined"]);
});
