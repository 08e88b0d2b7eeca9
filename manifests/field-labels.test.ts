import { test } from "tap";
import { type FieldLabels, stepsOf, visitFields, weakestField } from "./field-labels.ts";
import type { JsonValue } from "./json.ts";

test("a path is made of names, members and items", (t) => {
  t.strictSame(stepsOf("$"), []);
  t.strictSame(stepsOf('$.messages[*].to.*["in reply to"]'), [
    { name: "messages" },
    { any: "item" },
    { name: "to" },
    { any: "member" },
    { name: "in reply to" },
  ]);
  for (const wrong of [
    "",
    "messages",
    "$messages",
    "$.",
    "$..id",
    "$[0]",
    "$.a b",
    "$.a[*",
    "$.a ",
  ]) {
    t.equal(stepsOf(wrong), undefined, wrong);
  }
  t.end();
});

function fieldsOf(value: JsonValue, labels: FieldLabels): Record<string, string> {
  const found: Record<string, string> = {};
  visitFields(value, { integrity: "untrusted", labels }, ({ value: leaf, integrity }) => {
    found[String(leaf)] = integrity;
  });
  return found;
}

test("the path that goes deepest decides for all beneath it, and keys are of their object", (t) => {
  const mails = [{ id: "m1", from: { name: "Eve", address: "eve@mail.example" }, tags: ["t1"] }];
  const labels: FieldLabels = {
    "$[*]": "trusted",
    "$[*].from": "untrusted",
    "$[*].from.address": "trusted",
    "$[*].*": "trusted",
  };
  t.strictSame(fieldsOf(mails, labels), {
    ...{ id: "trusted", m1: "trusted", from: "trusted", tags: "trusted", t1: "trusted" },
    ...{ name: "untrusted", Eve: "untrusted", address: "untrusted" },
    "eve@mail.example": "trusted",
  });
  t.end();
});

test("where two paths go as deep, the weaker one counts", (t) => {
  const labels: FieldLabels = { "$.body": "trusted", "$.*": "untrusted" };
  t.equal(fieldsOf({ body: "text" }, labels)["text"], "untrusted");
  t.end();
});

test("a list without entries holds nobody's word", (t) => {
  const fields = { integrity: "untrusted", labels: { "$.total": "trusted" } } as const;
  t.equal(weakestField([], fields), "trusted");
  t.equal(weakestField({ total: 3 }, fields), "untrusted", "the key is of the object");
  const whole = {
    integrity: "untrusted",
    labels: { $: "trusted", "$.notes": "untrusted" },
  } as const;
  t.equal(weakestField({ total: 3, notes: [] }, whole), "trusted");
  t.equal(weakestField({ total: 3, notes: ["hi"] }, whole), "untrusted");
  t.end();
});
