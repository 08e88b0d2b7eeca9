import { test } from "tap";
import { limits } from "./limits.ts";
import { secretBindingSchema, secretName, secretValueProblem } from "./secret.ts";

const to = { host: "desk.example.com" };
const good = { tools: ["t"], principals: ["p"], to, place: { header: "authorization" } };

test("a value is one line of printable ASCII, neither short nor long", (t) => {
  for (const value of [
    "abcd1234",
    "a b c d 1234",
    "~!abcd1234%&",
    "x".repeat(limits.secretChars),
  ]) {
    t.equal(secretValueProblem(value), undefined, value.slice(0, 20));
  }
  const wrong = [
    "",
    "abc1234",
    "--------abc",
    " abcd1234",
    "abcd1234 ",
    "abcd1234\n",
    "abcd\r\n1234",
  ];
  const signs = ["abcd1234é", "abcd1234\u0000", "abcd\t1234", "ａｂｃｄ１２３４"];
  for (const value of [...wrong, ...signs, "x".repeat(limits.secretChars + 1)]) {
    t.type(secretValueProblem(value), "string", JSON.stringify(value).slice(0, 20));
  }
  t.end();
});

test("a binding names each of its parts, and a place is one place", (t) => {
  t.strictSame(secretBindingSchema.parse(good).to, {
    ...{ scheme: "https", host: "desk.example.com", ports: [443], methods: ["GET"], path: "/" },
  });
  const places = [
    {},
    { header: "X-Key" },
    { header: "x-key", query: "k" },
    { header: "a b" },
    { header: "x-key", prefix: "a\r\nb: c" },
    { query: "" },
    { json: "token" },
    { json: "/a~2" },
    { cookie: "k" },
  ];
  const changes = [
    ...places.map((place) => ({ place })),
    ...[{ tools: [] }, { principals: [] }, { to: {} }, { more: 1 }],
    ...["*.example.com", "https://x", "a/b", "A.com"].map((host) => ({ to: { host } })),
    ...[
      { ports: [] },
      { ports: [0] },
      { methods: ["TRACE"] },
      { path: "v1" },
      { scheme: "ftp" },
    ].map((change) => ({ to: { ...to, ...change } })),
  ];
  for (const change of changes) {
    const { success } = secretBindingSchema.safeParse({ ...good, ...change });
    t.notOk(success, JSON.stringify(change));
  }
  t.end();
});

test("a secret's name is lower-case words", (t) => {
  for (const name of ["a", "desk.token", "a-b_c.d1"]) t.ok(secretName.safeParse(name).success);
  for (const name of ["", "A", "a b", "__proto__", "../a", "a".repeat(65), "1a", "a."]) {
    t.notOk(secretName.safeParse(name).success, name);
  }
  t.end();
});
