import { test } from "tap";
import { RateLimit } from "./rate-limit.ts";

function limitAt(perMinute: number, keys: number): { limit: RateLimit; at: (ms: number) => void } {
  let now = 0;
  const at = (ms: number): void => {
    now = ms;
  };
  return { limit: new RateLimit({ perMinute, keys }, () => now), at };
}

test("as many as allowed pass in a minute, and one more is told when the next begins", (t) => {
  const { limit, at } = limitAt(2, 10);
  at(15_500);
  t.equal(limit.hit("a"), undefined);
  t.equal(limit.hit("a"), undefined);
  t.equal(limit.hit("a"), 45);
  t.equal(limit.hit("b"), undefined, "another key has its own count");
  at(59_999);
  t.equal(limit.hit("a"), 1, "never a wait of nothing");
  at(60_000);
  t.equal(limit.hit("a"), undefined);
  t.end();
});

test("a flood of keys takes no more memory, and forgets the oldest key first", (t) => {
  const { limit } = limitAt(1, 3);
  for (const key of ["a", "b", "c"]) limit.hit(key);
  t.equal(limit.hit("c"), 60);
  limit.hit("d");
  t.equal(limit.hit("a"), undefined, "forgotten");
  t.equal(limit.hit("c"), 60, "still counted");
  t.end();
});
