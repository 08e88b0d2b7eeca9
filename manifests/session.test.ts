import { test } from "tap";
import type { JsonObject, JsonValue } from "./json.ts";
import { limits } from "./limits.ts";
import { parseSessionRequest, parseTurn } from "./session.ts";

const refused = { name: "Refusal", code: "REQUEST_INVALID" };
const parse = (more: JsonObject) => parseSessionRequest({ principal: "alice", ...more });
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);

test("what is left out gets the usual bounds, and no groups, tools or permissions", (t) => {
  t.same(parse({}), {
    principal: "alice",
    groups: [],
    task: "",
    budget: {
      calls: limits.sessionCalls,
      bytes: limits.sessionBytes,
      seconds: limits.sessionRunSeconds,
    },
    seconds: limits.sessionSeconds,
  });
  t.end();
});

test("at the limit a session is opened, above it is refused", (t) => {
  const of = (make: (size: number) => JsonObject, most: number) => [make, most] as const;
  for (const [make, most] of [
    of((size) => ({ principal: "p".repeat(size) }), limits.principalChars),
    of((size) => ({ groups: ["g".repeat(size)] }), limits.principalChars),
    of((size) => ({ groups: names(size) }), limits.groupsPerSession),
    of((size) => ({ task: "t".repeat(size) }), limits.taskChars),
    of((size) => ({ parent: "s".repeat(size) }), limits.idChars),
    of((size) => ({ tools: names(size) }), limits.toolsPerDeployment),
    of((size) => ({ tools: ["t".repeat(size)] }), limits.toolNameChars),
    of((calls) => ({ budget: { calls } }), limits.sessionCallsCeiling),
    of((bytes) => ({ budget: { bytes } }), limits.sessionBytesCeiling),
    of((seconds) => ({ budget: { seconds } }), limits.sessionRunSecondsCeiling),
    of((seconds) => ({ seconds }), limits.sessionSecondsCeiling),
  ]) {
    const name = JSON.stringify(make(2));
    t.match(parse(make(most)), make(most), name);
    t.throws(() => parse(make(most + 1)), refused, name);
  }
  t.end();
});

test("attack: a name that could be taken for another, or for markup, is no principal", (t) => {
  for (const principal of ["", " alice", "al ice", "\u0430lice", "alice\n", "-alice", "a/b", 7]) {
    t.throws(() => parse({ principal }), refused, JSON.stringify(principal));
  }
  t.throws(() => parse({ principal: "alice", label: "trusted" }), refused, "an unknown key");
  t.throws(() => parse({ budget: { calls: 0 } }), refused);
  t.end();
});

test("a turn is a text with something in it, as long as a task", (t) => {
  const most = "t".repeat(limits.taskChars);
  t.equal(parseTurn({ text: most }), most);
  const wrong: readonly JsonValue[] = [{ text: `${most}t` }, { text: "" }, {}, "text", null];
  for (const turn of wrong) t.throws(() => parseTurn(turn), refused);
  t.end();
});
