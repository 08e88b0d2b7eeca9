import { test } from "tap";
import { tokenLimits } from "../manifests/token-limits.ts";
import { Tokens, tokensIn } from "./tokens.ts";

const made = (): Tokens => new Tokens("s", { name: () => "0123456789abcdef" });

test("what is kept is what was taken out, once", (t) => {
  const tokens = made();
  t.equal(tokens.issue("secret:aws-key", "value"), "[redacted:aws-key:0123456789abcdef]");
  t.equal(tokens.issue("secret:aws-key", "value"), "[redacted:aws-key:0123456789abcdef]");
  t.strictSame(tokens.issued, [{ id: "0123456789abcdef", kind: "secret:aws-key", value: "value" }]);
  t.end();
});

test("attack: the gateway's own secrets, long texts and what nobody has read are not kept", (t) => {
  const tokens = made();
  for (const [kind, value] of [
    ["secret:held", "value"],
    ["secret:unread", "value"],
    ["secret:ringward-key", "value"],
    ["secret:token", "x".repeat(tokenLimits.valueChars + 1)],
    ["limit:findings", undefined],
  ] as const) {
    const [token] = tokensIn(tokens.issue(kind, value));
    t.match(token?.id, /^[0-9a-f]{16}$/);
    t.not(token?.id, "0123456789abcdef", kind);
  }
  t.strictSame(tokens.issued, []);
  t.end();
});
