import { test } from "tap";
import { manifestIn } from "../testing.ts";
import { run } from "./json-query.ts";

const document = {
  items: [
    { name: "a", price: 5 },
    { name: "b", price: 20 },
  ],
};

test("the manifest is as the gateway reads it", (t) => {
  t.match(manifestIn(import.meta.dirname), { name: "json.query", effects: ["read"] });
  t.end();
});

test("selects, filters and sums", async (t) => {
  t.same(await run({ document, query: "items.name" }), ["a", "b"]);
  t.equal(await run({ document, query: "items[price > 10].name" }), "b");
  t.equal(await run({ document, query: "$sum(items.price)" }), 25);
});

test("null where nothing matches", async (t) => {
  t.equal(await run({ document, query: "nothing.here" }), null);
});

test("a query that is none, and one that gives a function, is an error", async (t) => {
  await t.rejects(run({ document, query: "items[" }), /no JSONata, at character/);
  await t.rejects(run({ document, query: "function($x){$x}" }), /function/);
});
