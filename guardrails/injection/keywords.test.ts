import fc from "fast-check";
import { test } from "tap";
import { Keywords } from "./keywords.ts";

const found = (words: readonly string[], text: string): readonly string[] => {
  const hits: string[] = [];
  new Keywords(words).find(text, (word, end) => hits.push(`${words[word]}@${end}`));
  return hits.sort();
};

test("finds each word wherever it ends, also one in the other, whatever the case", (t) => {
  t.strictSame(found(["he", "she", "his", "hers"], "uSHErs"), ["he@4", "hers@6", "she@4"]);
  t.strictSame(found(["olvídate"], "¡OLVÍDATE!"), ["olvídate@9"]);
  t.strictSame(found(["忽略", "略之"], "请忽略之前"), ["忽略@3", "略之@4"]);
  t.strictSame(found(["a"], ""), []);
  t.end();
});

test("property: it finds what a search for each word finds", (t) => {
  const letters = fc.string({
    unit: fc.constantFrom("a", "b", "í", "略"),
    minLength: 1,
    maxLength: 4,
  });
  const text = fc.string({ unit: fc.constantFrom("a", "b", "A", "í", "略", "x"), maxLength: 60 });
  fc.assert(
    fc.property(fc.uniqueArray(letters, { maxLength: 12 }), text, (words, given) => {
      const small = given.toLowerCase();
      const wanted = words.flatMap((word) =>
        Array.from({ length: small.length }, (_, at) => at)
          .filter((at) => small.startsWith(word, at))
          .map((at) => `${word}@${at + word.length}`),
      );
      t.strictSame(found(words, given), wanted.sort());
    }),
    { seed: 20_261_123, numRuns: 300 },
  );
  t.end();
});
