import fc from "fast-check";
import { test } from "tap";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import { injectionScore, isHostile, reasonsOf } from "./score.ts";

const seed = 20_261_123;

type Evidence = readonly [id: string, score: number];

const findingsOf = (found: readonly Evidence[]) =>
  found.map(([id, score]) => ({ kind: `injection:${id}`, score }));
const of = (...found: readonly Evidence[]): number => injectionScore(findingsOf(found));
const reasons = (...found: readonly Evidence[]): number => reasonsOf(findingsOf(found));

test("reasons are joined as independent doubts, and one wording in several languages counts once", (t) => {
  t.equal(reasons(), 0);
  t.equal(reasons(["a", 0.5]), 0.5);
  t.equal(reasons(["a", 0.5], ["b", 0.5]), 0.75);
  t.equal(reasons(["a", 0.5], ["de-a", 0.6], ["fr-a", 0.4]), 0.6);
  t.equal(reasons(["classifier", 0.9]), 0, "what only a classifier says is no reason");
  t.end();
});

test("without findings of orders nothing is hostile, and what could not be read is", (t) => {
  t.equal(of(), 0);
  t.equal(injectionScore([{ kind: "secret:aws-key", score: 1 }]), 0);
  t.equal(of(["unread", 1]), 1);
  t.end();
});

test("the classifier and a reason are surer together than each alone", (t) => {
  const [judged, reason] = [["classifier", 0.5] as const, ["a", 0.8] as const];
  t.ok(of(judged) < signatureLimits.hostileScore);
  t.ok(of(["classifier", signatureLimits.hostileScore]) < signatureLimits.hostileScore);
  t.ok(of(reason) < signatureLimits.hostileScore);
  t.ok(of(judged, reason) > Math.max(of(judged), of(reason)));
  t.ok(isHostile(findingsOf([["classifier", 0.6], reason])));
  t.end();
});

const evidence = fc.tuple(
  fc.constantFrom("a", "b", "de-a", "structure-x", "classifier", "unread"),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

test("more findings, or surer ones, never make a text less hostile", (t) => {
  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 8 }), evidence, (found, one) => {
      const before = of(...found);
      const [id, score] = one;
      const more = of(...found, one);
      const surer = of(...found, [id, (score + 1) / 2]);
      return before >= 0 && more >= before && surer >= more && surer <= 1;
    }),
    { seed, numRuns: 500 },
  );
  t.end();
});
