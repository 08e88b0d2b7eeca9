import { test } from "tap";
import { Needs } from "./needs.ts";

test("those are met that match, in any case, whatever their words are", (t) => {
  const sources = [
    "AKIA|ASIA",
    "[sr]k_(?:live|test)_",
    String.raw`hv[sbr]\.`,
    String.raw`:\/\/[^:]{1,9}@`,
    "(?:ACCESS|Access)_?[Kk]",
    "q~",
    String.raw`\.\w{6}\.`,
    "colou?r[0-9]",
    "v1{2}b",
  ];
  const needs = new Needs([...sources, ...sources]);
  for (const [text, met] of [
    ["", []],
    ["AKIA", [0]],
    ["an asia of words", [0]],
    ["rk_live_ and sk_test_", [1]],
    ["rk_dead_", []],
    ["hvb.x", [2]],
    ["hvbx", []],
    ["a://b@", [3]],
    ["a://b", []],
    ["access_k", [4]],
    ["Q~ and .abcdef.", [5, 6]],
    ["color1", [7]],
    ["colour1", [7]],
    ["v11b, not v1b", [8]],
    ["v1b", []],
  ] as const) {
    t.strictSame([...needs.metBy(text)].sort(), met.map((at) => sources[at]).sort(), text);
  }
  t.end();
});
