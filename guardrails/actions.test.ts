import { test } from "tap";
import { defaultActions } from "../manifests/action.ts";
import type { Finding } from "../manifests/finding.ts";
import { handlingOf } from "./actions.ts";

function found(kind: string, score = 0.9): Finding {
  return { detector: kind.split(":")[0] ?? "", kind, path: "", start: 0, end: 1, score };
}

test("what nobody asks for is recorded alone", (t) => {
  const findings = [found("personal:email")];
  const { whole, because, redacts, actions } = handlingOf(findings, [defaultActions]);
  t.strictSame(actions, []);
  t.equal(whole, "record");
  t.notOk(redacts("personal:email"));
  t.strictSame(because, []);
  t.end();
});

test("the strongest action counts, whoever asks for it, and however exactly", (t) => {
  const findings = [found("injection:a"), found("injection:b"), found("injection:classifier")];
  const of = (...maps: Parameters<typeof handlingOf>[1]): string =>
    handlingOf(findings, maps).whole;
  t.equal(of(defaultActions), "annotate");
  t.equal(of({ injection: "block" }, { injection: "annotate" }), "block");
  t.equal(of({ injection: "annotate" }, { "injection:b": "ask" }), "ask");
  t.equal(of({ injection: "ask", "injection:b": "record" }), "ask");
  t.equal(of({ injection: "record" }), "record");
  t.end();
});

test("findings of `injection` ask for something where they are hostile together", (t) => {
  const of = (score: number): string =>
    handlingOf([found("injection:classifier", score)], [{ injection: "block" }]).whole;
  t.equal(of(0.3), "record");
  t.equal(of(0.9), "block");
  const some = handlingOf([found("injection:a", 0.3)], [{ injection: "redact" }]);
  t.notOk(some.redacts("injection:a"));
  t.end();
});

test("that a result is untrusted asks for something by itself", (t) => {
  const asked = [{ untrusted: "annotate" }, { untrusted: "quarantine" }] as const;
  t.match(handlingOf([], asked, true), {
    whole: "quarantine",
    actions: ["quarantine"],
    because: ["untrusted"],
  });
  t.equal(handlingOf([], asked).whole, "record");
  t.end();
});

test("secrets are replaced whatever else is done, and others where it is asked for", (t) => {
  const findings = [found("secret:github"), found("personal:iban"), found("injection:classifier")];
  const asked = { secret: "quarantine", personal: "redact", injection: "quarantine" } as const;
  const { whole, redacts, because, actions } = handlingOf(findings, [asked]);
  t.strictSame(actions, ["redact", "quarantine"]);
  t.equal(whole, "quarantine");
  t.ok(redacts("secret:github"));
  t.ok(redacts("personal:iban"));
  t.notOk(redacts("injection:classifier"));
  t.strictSame(because, ["injection", "personal", "secret"]);
  t.end();
});
