import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { documentOf } from "./detector.ts";
import { secretsDetector } from "./secrets.ts";
import { encodings } from "./testing/encoders.ts";

/** No pattern knows these. */
const held = ["horse-Battery/staple 7", "dXNlcjpwYXNzd29yZC1vZi11c2Vy"];
const [value = "", pair = ""] = held;

const found = async (text: string, values: readonly string[] = held): Promise<string[]> => {
  const context = { tools: [], held: values };
  const findings = await secretsDetector.detect(documentOf(text, "/a"), context);
  return findings
    .filter(({ kind }) => kind === "secret:held")
    .map(({ start, end }) => text.slice(start, end));
};

test("a value that the gateway holds is found, though no pattern knows it, and no other", async (t) => {
  t.same(await found(`it is ${value}, yes`), [value]);
  t.same(await found(`it is ${value}, yes`, []), []);
  t.same(await found("a horse and its battery"), []);
});

test("attack: in each way of writing it is found all the same", async (t) => {
  for (const [name, encode] of encodings) {
    t.ok((await found(`say ${encode(`so ${value} it is`)} now`)).length > 0, name);
    if (name === "markup" || name === "hidden") continue;
    t.ok((await found(`say ${encode(encode(value))} now`)).length > 0, `${name} twice`);
  }
  for (const spelled of [
    [...value].reverse().join(""),
    value.toUpperCase(),
    [...value].join(" "),
    [...value].join("\u200b"),
    [...value].map((character) => character.charCodeAt(0)).join(", "),
    Buffer.from(value).toString("base64").slice(0, -2),
  ]) {
    t.ok((await found(`say ${spelled} now`)).length > 0, spelled);
  }
});

test("attack: what a server takes out of a value is as secret as the value", async (t) => {
  t.same(await found("user:password-of-user and password-of-user"), [
    "user:password-of-user",
    "password-of-user",
    "password-of-user",
  ]);
  t.same((await found(pair))[0], pair);
});

test("attack: repeated without end it is told as often as is listed", async (t) => {
  t.equal((await found(`${value} `.repeat(20_000))).length, limits.findingsPerCall + 1);
});

test("a thousand values do not make reading slow", async (t) => {
  const many = Array.from(
    { length: limits.secretsPerDeployment },
    (_, n) => `value-${n}-${n * 7}x`,
  );
  const started = process.cpuUsage();
  t.ok((await found(`${"plain words ".repeat(1_000)} value-999-6993x`, many)).length > 0);
  // Processor time, with room for a busy machine.
  t.ok(process.cpuUsage(started).user < 5_000_000);
});
