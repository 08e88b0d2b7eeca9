import { test } from "tap";
import { actionOn, actions, actionsSchema, joinActions, parseAction } from "./action.ts";

const schema = actionsSchema(actions);
const messageOf = (map: unknown): string =>
  schema
    .safeParse(map)
    .error?.issues.map(({ message }) => message)
    .join() ?? "";

test("a map of actions names families, kinds and untrusted results", (t) => {
  const map = { secret: "block", "injection:hide-from-user": "record", untrusted: "annotate" };
  t.strictSame(schema.parse(map), map);
  t.end();
});

test("attack: a map that would show a secret, or means nothing, is refused", (t) => {
  for (const kind of ["secret", "secret:github", "secret:unread"]) {
    t.match(messageOf({ [kind]: "annotate" }), /a secret is at least redacted/, kind);
    t.match(messageOf({ [kind]: "record" }), /a secret is at least redacted/, kind);
  }
  for (const kind of ["injections", "injection:", "injection:*", "*", "", "limit:findings"]) {
    t.match(messageOf({ [kind]: "block" }), /no kind of finding/, kind);
  }
  t.match(messageOf({ untrusted: "redact" }), /nothing says what to redact/);
  t.not(messageOf({ injection: "hide" }), "");
  t.end();
});

test("the strongest of all that are asked for counts", (t) => {
  const asked = [{ injection: "ask" }, { "injection:a": "block", injection: "annotate" }] as const;
  t.equal(actionOn("injection:a", asked), "block");
  t.equal(actionOn("injection:b", asked), "ask");
  t.equal(actionOn("personal:iban", asked), "record");
  t.strictSame(joinActions(asked), { injection: "ask", "injection:a": "block" });
  t.end();
});

test("an action is parsed as a policy writes it", (t) => {
  t.strictSame(parseAction("injection: block"), { injection: "block" });
  t.strictSame(parseAction("injection:a-b: ask"), { "injection:a-b": "ask" });
  for (const text of [
    "",
    "injection",
    "injection:block",
    "injection: record",
    "secret: annotate",
  ]) {
    t.equal(parseAction(text), undefined, text);
  }
  t.end();
});
