// Rings 3 and 9: a secret that the gateway holds, in what an agent sends and in what a tool says,
// though no pattern knows it and no call was ever given it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { emptyEnvironment } from "../../gateway/secrets/environment.ts";
import { changeSecretsFile, secretsPlace } from "../../gateway/secrets/secrets-file.ts";
import { scanLimits } from "../../manifests/scan-limits.ts";
import type { SecretBinding } from "../../manifests/secret.ts";
import { openTestGateway, recordHolds, type TestGateway } from "../support/test-gateway.ts";

const value = "correct-Horse battery/17";
const binding: SecretBinding = {
  tools: ["http.fetch"],
  principals: ["alice"],
  to: { scheme: "https", host: "desk.test", ports: [443], methods: ["GET"], path: "/" },
  place: { query: "key" },
};

async function hold({ gateway }: TestGateway, ...values: readonly string[]): Promise<void> {
  const secrets = values.map((one, n) => ({
    ...{ name: `desk${n}`, binding, value: one, createdAt: 1, changedAt: 1 },
  }));
  await changeSecretsFile(secretsPlace(gateway.config, emptyEnvironment), async () => secrets);
}

/** The tool puts it together. */
const saying = (text: string, words = 0): string => {
  const pieces = JSON.stringify(text.match(/.{1,3}/g));
  return `return "word ".repeat(${words}) + ${pieces}.join("")`;
};

async function opened(t: Test): Promise<TestGateway> {
  const at = await openTestGateway(t);
  await hold(at, value);
  return at;
}

test("attack: a held value does not come back, plain or encoded, short text or long", async (t) => {
  const at = await opened(t);
  const session = await at.open();
  for (const code of [
    saying(`it is ${value}.`),
    saying(Buffer.from(`it is ${value}.`).toString("base64")),
    saying(Buffer.from(value).toString("hex")),
    saying(value, scanLimits.hereChars / 4),
  ]) {
    const { output, findings } = await session.propose("js.run", { code });
    t.match(output, /\[redacted:held:[0-9a-f]+\]/);
    t.ok((findings?.["secret:held"] ?? 0) > 0);
  }
  for (const file of readdirSync(join(at.folder, "state"))) {
    t.notOk(readFileSync(join(at.folder, "state", file)).includes(value), file);
  }
  await recordHolds(t, at, 4);
});

test("attack: a held value does not go out in an argument", async (t) => {
  const session = await (await opened(t)).open({ task: "Read https://example.com/ for me." });
  const url = `https://example.com/?q=${encodeURIComponent(value)}`;
  t.match(await session.propose("http.fetch", { url }), { code: "SECRET_IN_ARGUMENTS" });
});

test("what is set or removed while the gateway runs counts from the next call on", async (t) => {
  const at = await opened(t);
  const session = await at.open();
  const say = async (text: string): Promise<unknown> =>
    (await session.propose("js.run", { code: saying(text) })).output;
  t.equal(await say("another-Value 99"), "another-Value 99");
  await hold(at, "another-Value 99");
  t.match(await say("another-Value 99"), /^\[redacted:held:/);
  t.equal(await say(value), value);
});
