import fc from "fast-check";
import { test } from "tap";
import {
  cleanLabel,
  confidentialities,
  integrities,
  isAtLeast,
  joinLabels,
  type Label,
  sources,
  weaker,
} from "./label.ts";

const seed = 20_261_123;
const label: fc.Arbitrary<Label> = fc.record({
  integrity: fc.constantFrom(...integrities),
  confidentiality: fc.constantFrom(...confidentialities),
});
const same = (a: Label, b: Label): boolean => JSON.stringify(a) === JSON.stringify(b);

test("joins to the less trusted and the more secret", (t) => {
  t.same(
    joinLabels(
      { integrity: "untrusted", confidentiality: "public" },
      { integrity: "trusted", confidentiality: "secret" },
    ),
    { integrity: "untrusted", confidentiality: "secret" },
  );
  t.end();
});

test("property: joining is a lattice: any order, any number of times, and it never lowers", (t) => {
  fc.assert(
    fc.property(label, label, label, (a, b, c) => {
      const joined = joinLabels(a, b);
      return (
        same(joined, joinLabels(b, a)) &&
        same(joinLabels(joined, c), joinLabels(a, joinLabels(b, c))) &&
        same(joinLabels(a, a), a) &&
        same(joinLabels(a, cleanLabel), a) &&
        isAtLeast(joined, a) &&
        isAtLeast(joined, b)
      );
    }),
    { seed },
  );
  t.end();
});

test("property: `isAtLeast` is a partial order with the clean label at the bottom", (t) => {
  fc.assert(
    fc.property(label, label, label, (a, b, c) => {
      const transitive = !(isAtLeast(a, b) && isAtLeast(b, c)) || isAtLeast(a, c);
      const antisymmetric = !(isAtLeast(a, b) && isAtLeast(b, a)) || same(a, b);
      return isAtLeast(a, a) && isAtLeast(a, cleanLabel) && transitive && antisymmetric;
    }),
    { seed },
  );
  t.end();
});

test("the weaker of two sources is the later in the list, whichever comes first", (t) => {
  t.same(sources, ["task", "trusted", "derived", "unknown", "untrusted"]);
  for (const [i, a] of sources.entries()) {
    for (const [j, b] of sources.entries()) t.equal(weaker(a, b), sources[Math.max(i, j)]);
  }
  t.end();
});
