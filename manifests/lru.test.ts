import { test } from "tap";
import { Lru } from "./lru.ts";

test("holds as many entries as it may, and forgets the least recently used first", async (t) => {
  const lru = new Lru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  t.equal(lru.get("a"), 1, "full, and `a` was used last");
  lru.set("c", 3);
  t.equal(lru.size, 2);
  t.equal(lru.get("b"), undefined);
  t.equal(lru.get("a"), 1);
  t.equal(lru.get("c"), 3);
});

test("setting a key again replaces its value and takes no room", async (t) => {
  const lru = new Lru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.set("a", 3);
  t.equal(lru.get("b"), 2);
  t.equal(lru.get("a"), 3);
  t.equal(lru.shift(), 2, "`b` is the oldest now");
});
