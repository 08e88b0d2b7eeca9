import { test } from "tap";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { cleanLabel } from "../../manifests/label.ts";
import type { Deps } from "../deps.ts";
import type { Identified } from "../state.ts";
import type { Withheld } from "../store/withheld.ts";
import { resolve } from "./resolve.ts";

const id = `reference_${"a".repeat(32)}`;

async function resolved(
  args: JsonObject,
  output: JsonValue,
  status: Withheld["status"] = "held",
): Promise<JsonObject> {
  const found = { session: "s", status, label: cleanLabel, output: JSON.stringify(output) };
  const store = {
    withheld: { find: (one: string) => Promise.resolve(one === id ? found : undefined) },
    tokens: { find: () => Promise.resolve(undefined) },
  };
  const proposal = { tool: "t", arguments: args };
  const state = { session: { id: "s" }, proposal } as unknown as Identified;
  return (await resolve(state, { store } as unknown as Deps)).proposal.arguments;
}

test("a reference is its output, or the part of it that its pointer leads to", async (t) => {
  const output = { "a/b": [{ "": 1 }], n: null };
  t.same(await resolved({ x: id }, output), { x: output });
  t.same(await resolved({ x: `${id}#` }, output), { x: output });
  t.same(await resolved({ x: [`${id}#/a~1b/0/`] }, output), { x: [1] });
  t.same(await resolved({ x: `${id}#/n` }, output), { x: null });
});

test("attack: one that was denied or has expired, or a part that is not there, leads nowhere", async (t) => {
  const refused = { code: "REFERENCE_UNKNOWN" };
  await t.rejects(resolved({ x: id }, "x", "denied"), refused);
  await t.rejects(resolved({ x: id }, "x", "expired"), refused);
  for (const pointer of ["/1", "/01", "/-1", "/length", "/__proto__", "/constructor"]) {
    await t.rejects(resolved({ x: `${id}#${pointer}` }, ["x"]), refused, pointer);
  }
});

test("attack: many short references make no long call", async (t) => {
  const args = { x: Array.from({ length: 16 }, () => id) };
  await t.rejects(resolved(args, "x".repeat(100_000)), { code: "ARGUMENTS_INVALID" });
});

test("what only looks like a reference is a text", async (t) => {
  for (const text of [`${id} `, id.toUpperCase(), `${id}/x`, `x${id}`, "reference_1"]) {
    t.same(await resolved({ x: text }, "y"), { x: text });
  }
});
