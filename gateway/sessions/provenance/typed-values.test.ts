import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { typedValuesIn } from "./typed-values.ts";

test("a text gives as many values as the limit and no more, though a word may be several", (t) => {
  const words = (count: number): string =>
    Array.from({ length: count }, (_, n) => `word${n}`).join(" ");
  const most = provenanceLimits.valuesPerText;
  t.equal(typedValuesIn(words(most - 1)).length, most - 1);
  t.equal(typedValuesIn(words(most)).length, most);
  t.equal(typedValuesIn(words(most + 1)).length, most);
  t.equal(typedValuesIn(`${words(most - 1)} bob@mail.example`).length, most);
  t.end();
});

test("a word longer than a URL may be is no value", (t) => {
  const values = (chars: number): number => typedValuesIn("x".repeat(chars)).length;
  t.equal(values(limits.urlChars), 1);
  t.equal(values(limits.urlChars + 1), 0);
  t.end();
});
