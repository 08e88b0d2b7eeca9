import fc from "fast-check";
import { test } from "tap";
import type { JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { type Detector, noContext } from "./detector.ts";
import { detectorsNamed } from "./detectors.ts";
import { type RedactOptions, redactJson } from "./redact.ts";
import { scanJson } from "./scan.ts";
import { secretSamples } from "./testing/secret-samples.ts";

const seed = 20_261_123;
const secrets = detectorsNamed(["secrets"]);
const key = `AKIA${"Q3EGR7XWZ5LNOPTY"}`;
const redaction: RedactOptions = {
  redacts: (kind) => kind.startsWith("secret:"),
  token: (kind) => `[redacted:${kind.slice(kind.indexOf(":") + 1)}:ab12]`,
};

test("every string and every key is read, and a path never repeats what a key holds", async (t) => {
  const findings = await scanJson(
    { a: ["x", key], "b/~c": { d: `is ${key}` }, [key]: { e: key }, n: 1, z: null },
    secrets,
    noContext,
  );
  t.same(
    findings.map(({ path, start }) => [path, start]),
    [
      ["/a/1", 0],
      ["/b~1~0c/d", 3],
      ["/~k2", 0],
      ["/~i2/e", 0],
    ],
  );
  t.notMatch(JSON.stringify(findings), key);
});

test("findings beyond the limit are counted as such, never left out silently", async (t) => {
  const many = (count: number): JsonValue => Array.from({ length: count }, () => key);
  const full = await scanJson(many(limits.findingsPerCall), secrets, noContext);
  t.equal(full.length, limits.findingsPerCall);
  t.notOk(full.some(({ kind }) => kind === "limit:findings"));
  const over = await scanJson(many(limits.findingsPerCall + 1), secrets, noContext);
  t.equal(over.length, limits.findingsPerCall + 1);
  t.match(over.at(-1), { kind: "limit:findings", detector: "secrets" });
  t.equal(
    redactJson(many(limits.findingsPerCall + 1), over, redaction),
    "[redacted:findings:ab12]",
  );
});

test("attack: noise of one detector does not crowd out the findings of another", async (t) => {
  const noise = Array.from({ length: 1_000 }, () => "a\u200bb");
  const findings = await scanJson(
    [...noise, key],
    detectorsNamed(["disguise", "secrets"]),
    noContext,
  );
  t.ok(findings.some(({ kind }) => kind === "secret:aws-key"));
  t.ok(findings.some(({ kind, detector }) => kind === "limit:findings" && detector === "disguise"));
});

test("attack: noise in one argument does not crowd out the finding in another", async (t) => {
  const noise = Array.from({ length: 1_000 }, () => "a\u200bb");
  const findings = await scanJson(
    { body: noise, to: "x\u200by" },
    detectorsNamed(["disguise"]),
    noContext,
  );
  t.ok(findings.some(({ path }) => path === "/to"));
  t.equal(findings.length, limits.findingsPerCall + 1);
});

test("texts longer than the guards read are refused, at the limit they are read", async (t) => {
  const half = "a".repeat(limits.scanChars / 2);
  t.same(await scanJson([half, half], secrets, noContext), []);
  await t.rejects(scanJson({ b: [half, half] }, secrets, noContext), { code: "SCAN_LIMIT" });
});

test("a detector that throws is no pass", async (t) => {
  const broken: Detector = {
    id: "broken",
    detect: () => Promise.reject(new Error("out of order")),
  };
  await t.rejects(scanJson({ a: "x" }, [broken], noContext), new Error("out of order"));
});

test("each detector once, in the order they were named", (t) => {
  t.same(
    detectorsNamed(["disguise", "secrets", "disguise"]).map(({ id }) => id),
    ["disguise", "secrets"],
  );
  t.end();
});

test("redacts the span of a secret and leaves the rest", async (t) => {
  const value = { a: `use ${key}, please`, [`k-${key}`]: [1, true, null, "plain"], b: key };
  const redacted = redactJson(value, await scanJson(value, secrets, noContext), redaction);
  t.same(redacted, {
    a: "use [redacted:aws-key:ab12], please",
    "k-[redacted:aws-key:ab12]": [1, true, null, "plain"],
    b: "[redacted:aws-key:ab12]",
  });
});

test("spans that overlap become one, and keys that become the same lose no value", async (t) => {
  const other = `AKIA${"Q3EGR7XWZ5LNOPTZ"}`;
  const value = { [key]: 1, [other]: 2, url: `https://robert:${key}x@db.example.com` };
  const redacted = redactJson(value, await scanJson(value, secrets, noContext), redaction);
  t.match(redacted, { "[redacted:aws-key:ab12]": 1, "[redacted:aws-key:ab12]#2": 2 });
  t.equal(JSON.stringify(redacted).split("[redacted:").length - 1, 3);
});

test("what holds no secret is handed back as it is", async (t) => {
  const value = { a: ["x\u200by", { b: 1 }] };
  t.equal(
    redactJson(value, await scanJson(value, detectorsNamed(["disguise"]), noContext), redaction),
    value,
  );
});

test("property: after redaction no secret is left and none is found", async () => {
  const samples = fc.constantFrom(...secretSamples);
  const filler = fc.constantFrom("", " ", "\n", "text ", "\u200b", '"', "x", "-", "/", "é\uff45");
  const leaf = fc.array(fc.tuple(filler, samples, filler), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(leaf, { minLength: 1, maxLength: 4 }), async (leaves) => {
      const texts = leaves.map((parts) => parts.map(([a, s, b]) => a + s.text + b).join(" "));
      const value = { list: texts, [texts[0] ?? ""]: { deep: texts.at(-1) ?? "" } };
      const redacted = redactJson(value, await scanJson(value, secrets, noContext), redaction);
      const whole = JSON.stringify(redacted);
      const hidden = leaves.flat().every(([, { secret }]) => !whole.includes(secret));
      return hidden && (await scanJson(redacted, secrets, noContext)).length === 0;
    }),
    { seed, numRuns: 200 },
  );
});

test("others have their turn while much is read", async (t) => {
  let turns = 0;
  const watch = (): void => {
    turns += 1;
    if (turns < 1_000) setImmediate(watch);
  };
  setImmediate(watch);
  const text = "x".repeat(limits.scanTurnChars / 4);
  await scanJson(Array(40).fill(text), [], noContext);
  t.ok(turns >= 8, `${turns} turns`);
});

test("short texts that come again in fields of one name are read once, and found each time", async (t) => {
  const read: string[] = [];
  const reader: Detector = {
    id: "reader",
    detect({ text, path }) {
      read.push(`${path}=${text}`);
      return Promise.resolve(
        text === "bad"
          ? [{ detector: "reader", kind: "reader:bad", path, start: 0, end: 3, score: 1 }]
          : [],
      );
    },
  };
  const long = "x".repeat(65);
  const rows = [
    { a: "same", b: "same", c: "bad", d: long },
    { a: "same", b: "same", c: "bad", d: long },
  ];
  const found = await scanJson(rows, [reader], noContext);
  t.strictSame(
    found.map(({ path }) => path),
    ["/0/c", "/1/c"],
  );
  t.strictSame(
    read
      .filter((one) => !one.includes("~k"))
      .map((one) => one.slice(0, 9))
      .sort(),
    ["/0/a=same", "/0/b=same", "/0/c=bad", "/0/d=xxxx", "/1/d=xxxx"],
  );
  t.equal(read.filter((one) => one.includes("~k")).length, 4, "keys too");
});
