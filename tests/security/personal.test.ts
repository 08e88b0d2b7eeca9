// Rings 3 and 9: data of people in what an agent sends and in what a tool says. It is a fact for
// policy and in the record; it is replaced where a deployment says so.
import { join } from "node:path";
import { type Test, test } from "tap";
import { listRecords } from "../../gateway/audit/read.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { openTestGateway, recordHolds, type TestGateway } from "../support/test-gateway.ts";

const text = "Ask jane@mail.example.org, who pays with 4111 1111 1111 1111.";

async function noted({ folder }: TestGateway, control: string): Promise<JsonObject | undefined> {
  const [end] = await listRecords(join(folder, "state"), { kind: "end" });
  const trace = end?.details?.["trace"] as readonly JsonObject[];
  return trace.find((entry) => entry["control"] === control);
}

const says = async (t: Test, config: JsonObject): Promise<[unknown, TestGateway]> => {
  const at = await openTestGateway(t, config);
  const session = await at.open({ task: text });
  const code = `return ${JSON.stringify(text)};`;
  return [(await session.propose("js.run", { code })).output, at];
};

test("what is found of people is recorded by its kind, and left where a task needs it", async (t) => {
  const [output, at] = await says(t, {});
  t.equal(output, text);
  t.match(await noted(at, "output-guard"), { findings: ["personal:card", "personal:email"] });
  const records = JSON.stringify(await listRecords(join(at.folder, "state"), {}));
  t.notMatch(records, /jane|4111/);
});

test("it is replaced where the deployment says so, by the kind alone or by all", async (t) => {
  const [cards] = await says(t, { guards: { actions: { "personal:card": "redact" } } });
  t.match(cards, /^Ask jane@mail\.example\.org, who pays with \[redacted:.*card:[0-9a-z]+\]\.$/);
  const [all] = await says(t, { guards: { actions: { personal: "redact" } } });
  t.notMatch(all, /jane|4111/);
});

test("attack: more of it than is listed is replaced whole, and refuses no honest call", async (t) => {
  const at = await openTestGateway(t, { guards: { actions: { personal: "redact" } } });
  const session = await at.open();
  const many = Array.from({ length: limits.findingsPerCall + 9 }, (_, n) => `u${n}@a.example.org`);
  const code = "return input;";
  const answer = await session.propose("js.run", { code, input: many });
  t.equal(answer.status, "completed");
  t.notMatch(JSON.stringify(answer), /@a\.example/);
  await recordHolds(t, at, 1);
});
