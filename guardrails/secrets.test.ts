import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { test } from "tap";
import { viewLimits } from "../manifests/view-limits.ts";
import { documentOf, noContext } from "./detector.ts";
import { leftOut, presetNeeds, presetRules, ruleName, runPresetRule } from "./preset-rules.ts";
import { secretPatterns } from "./secret-patterns.ts";
import { secretNeeds, secretsDetector } from "./secrets.ts";
import { encoders, encodings } from "./testing/encoders.ts";
import { secretSamples } from "./testing/secret-samples.ts";

const detect = (text: string) => secretsDetector.detect(documentOf(text, "/a"), noContext);

test("finds each known shape of a secret, and its span covers the secret", async (t) => {
  for (const { kind, text, secret } of secretSamples) {
    for (const [before, after] of [
      ["", ""],
      ["Look here: ", " and go on.\nMore text."],
      ['{"a":"', '"}'],
    ]) {
      const whole = `${before}${text}${after}`;
      const found = (await detect(whole)).filter((finding) => finding.kind === kind);
      const start = whole.indexOf(secret);
      const covers = found.some((f) => f.start <= start && f.end >= start + secret.length);
      t.ok(covers, `${kind} in ${before}…${after}`);
    }
  }
});

test("what the preset finds by itself, and where it is blind, is as the table says", async (t) => {
  for (const { kind, text, preset } of secretSamples) {
    const findings = await Promise.all(
      rules.map((rule) => runPresetRule({ name: ruleName(rule.meta.id), rule }, text)),
    );
    t.equal(findings.flat().length > 0, preset, `${kind}: ${text.slice(0, 24)}`);
  }
});

test("every rule of the preset is either run or left out with a reason", (t) => {
  const names = rules.map((rule) => ruleName(rule.meta.id)).sort();
  t.same([...Object.keys(presetNeeds), ...leftOut].sort(), names);
  t.same(presetRules.map(({ name }) => name).sort(), Object.keys(presetNeeds).sort());
  t.end();
});

test("attack: a text cannot switch the rules off with a secretlint comment", async (t) => {
  for (const { kind, text } of secretSamples) {
    const found = await detect(`// secretlint-disable\n/* secretlint-disable-line */ ${text}`);
    t.ok(
      found.some((finding) => finding.kind === kind),
      kind,
    );
  }
});

test("attack: no encoding hides a secret, nor several of them", async (t) => {
  for (const { kind, text } of secretSamples) {
    for (const [layer, encode] of encodings) {
      const encoded = encode(text);
      const whole = `See ${encoded} there.`;
      const found = (await detect(whole)).filter((finding) => finding.kind === kind);
      const [start, end] = [whole.indexOf(encoded), whole.indexOf(encoded) + encoded.length];
      t.ok(
        found.some((finding) => finding.start < end && finding.end > start),
        `${kind} in ${layer}`,
      );
    }
  }
  const [sample] = secretSamples;
  const twice = encoders.base64(encoders.percent(sample?.text ?? ""));
  t.match(await detect(twice), [{ kind: sample?.kind, start: 0, end: twice.length }]);
});

test("attack: what is encoded deeper than anybody reads counts as a secret", async (t) => {
  let text = "nothing of interest, and enough of it";
  for (let depth = 0; depth <= viewLimits.depth; depth += 1) text = encoders.base64(text);
  t.match(await detect(text), [{ kind: "secret:unread", start: 0, end: text.length }]);
});

test("attack: invisible characters inside a secret do not hide it", async (t) => {
  const secret = `AKIA${"Q3EGR7XWZ5LNOPTY"}`;
  const disguised = [...secret].join("\u200b");
  const text = `key \u202e${disguised} end`;
  const [finding] = await detect(text);
  t.match(finding, { kind: "secret:aws-key" });
  t.equal(text.slice(finding?.start, finding?.end), disguised);
  const wide = [...secret].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join("");
  t.match(await detect(`x ${wide} y`), [{ kind: "secret:aws-key", start: 2, end: 22 }]);
  const tags = [...secret].map((c) => `${c}\u{e0041}\ufe01`).join("");
  t.match(await detect(tags), [{ kind: "secret:aws-key" }]);
});

test("ordinary texts hold no secret", async (t) => {
  for (const text of [
    "",
    "hello",
    "see https://example.com/a?b=c#d and mail bob@example.com",
    "AKIA is a prefix; AIza too; rw_host_ is one of ours; sk-learn; ghp_",
    "-----BEGIN PRIVATE KEY-----",
    "http://user:password@localhost/",
    "npm_config_registry=https://registry.example",
    "eyJ is how a token begins",
  ]) {
    t.same(await detect(text), [], text);
  }
});

test("the cheap test before the rules is a necessary condition of each of them", async (t) => {
  let matches = 0;
  for (const text of corpus()) {
    for (const { name, needs } of await matching(text)) {
      matches += 1;
      if (!new RegExp(needs).test(text)) t.fail(`${name} matched without \`${needs}\``);
      if (!secretNeeds.metBy(text).has(needs)) t.fail(`${name} would not have been asked`);
    }
  }
  t.ok(matches > secretSamples.length, `${matches} matches were compared`);
});

test("attack: a megabyte made for the patterns is read in linear time", async (t) => {
  const pieces = [
    "ghs_1_",
    "eyJ",
    "eyJaaaaaaaaa.",
    "AKIA",
    "http://",
    "http://a:",
    "xoxb-",
    "SG.a",
  ];
  const more = [
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n-",
    "_authToken=",
    "a",
  ];
  const long = ["secret_access_key   ", "sk-proj-", "ops_ey", "mongodb://a:", "1:AA", "ya29."];
  for (const piece of [...pieces, ...more, ...long]) {
    const text = piece.repeat(Math.floor(1_048_576 / piece.length));
    const started = process.cpuUsage();
    await detect(text);
    // Processor time, with room for a busy machine: what is quadratic takes minutes.
    t.ok(process.cpuUsage(started).user < 10_000_000, JSON.stringify(piece));
  }
});

/** Every rule and pattern that matches, asked without the cheap test. */
async function matching(text: string): Promise<{ name: string; needs: string }[]> {
  const found = secretPatterns.filter(({ pattern }) => text.search(pattern) !== -1);
  const ranges = await Promise.all(presetRules.map((rule) => runPresetRule(rule, text)));
  const rules = presetRules.filter((_, index) => ranges[index]?.length !== 0);
  return [...found, ...rules.map(({ name }) => ({ name, needs: presetNeeds[name] ?? "(?!)" }))];
}

/** Samples with their surroundings, and the texts of a few hundred installed files. */
function corpus(): readonly string[] {
  const root = join(import.meta.dirname, "../node_modules");
  const files = readdirSync(root)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => ["README.md", "package.json"].map((file) => join(root, name, file)));
  const texts = files.slice(0, 400).flatMap(readText);
  return [...secretSamples.map(({ text }) => `a ${text} b`), ...texts];
}

function readText(file: string): string[] {
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}
