import { join } from "node:path";
import { gzipSync } from "node:zlib";
import tap, { test } from "tap";
import { showCall } from "../../gateway/audit/read.ts";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { ringward } from "../support/command-line.ts";
import { openTestGateway, type TestSession } from "../support/test-gateway.ts";
import { titleOf } from "./catalogue.ts";

tap.setTimeout(110_000);

const prototypes = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';

test(titleOf("D01"), async (t) => {
  const opened = await openTestGateway(t);
  const session = await opened.open();
  const input = JSON.parse(prototypes) as JsonObject;
  const code = "return [input, Object.keys(input), ({}).polluted === undefined]";
  const answer = await session.propose("js.run", { code, input });
  t.match(answer, { status: "completed" });
  const { output } = answer as { output?: unknown };
  t.equal(JSON.stringify(output), `[${canonicalJson(input)},["__proto__","constructor"],true]`);
  const thrown = await session.propose("js.run", { code: `throw JSON.parse('${prototypes}')` });
  t.match(thrown, { code: "GUEST_ERROR" });
  const records = await showCall(join(opened.folder, "state"), answer.id);
  t.match(JSON.stringify(records), /__proto__/, "it is written down as it was");
  const clean = {} as JsonObject;
  t.equal(clean["polluted"], undefined);
  t.equal(Object.getPrototypeOf(clean), Object.prototype);
});

test(titleOf("D04"), async (t) => {
  const session = await (await openTestGateway(t)).open();
  const input: JsonValue = { z: -0, a: 1e21, é: [1, "\u2028"], "": null, b: 0.1 };
  const seen = await session.propose("js.run", { code: "return JSON.stringify(input)", input });
  t.match(seen, { output: canonicalJson(input) }, "the very text that was hashed");
  for (const raw of ["1e999", "123456789012345678901", "-0e9", '"\\\\ud800"']) {
    const code = `return { a: JSON.rawJSON('${raw}') }`;
    t.match(await session.propose("js.run", { code }), { code: "OUTPUT_INVALID" }, raw);
  }
});

const key = ["AKIA", "Q3EGRIVCJ7WBZ2KX"].join("");

test(titleOf("D07"), async (t) => {
  const session = await (await openTestGateway(t)).open();
  const [head, tail] = [key.slice(0, 4), key.slice(4)];
  const made = `const key = '${head}' + '${tail}';`;
  const forms = [
    "return key",
    "return { a: [key], b: 'is ' + key + '.' }",
    "return { [key]: 1 }",
    "return [...key].join('\\u200b')",
    "return [...key].map((c) => String.fromCodePoint(c.codePointAt(0) + 0xfee0)).join('')",
    "throw new Error(key)",
  ];
  for (const form of forms) {
    const answer = await session.propose("js.run", { code: made + form });
    const told = JSON.stringify(answer)
      .normalize("NFKC")
      .replace(/\u200b/g, "");
    t.notMatch(told, key, form);
    t.match(told, /redacted/, form);
  }
  t.comment(`not seen, because encoded or split: ${await passing(session)}`);
});

/** What no detector reads yet; that these are there is written in THREAT_MODEL.md. */
async function passing(session: TestSession): Promise<string> {
  const encoded: Readonly<Record<string, string>> = {
    base64: Buffer.from(key).toString("base64"),
    hex: Buffer.from(key).toString("hex"),
    gzip: gzipSync(key).toString("base64"),
    url: [...key].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(""),
    reversed: [...key].reverse().join(""),
  };
  const passed: string[] = [];
  for (const [name, text] of Object.entries(encoded)) {
    const answer = await session.propose("js.run", { code: `return '${text}'` });
    if (JSON.stringify(answer).includes(text)) passed.push(name);
  }
  return passed.join(", ");
}

test(titleOf("D08"), async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  // Spelled out, so that the code itself hides nothing.
  const text =
    "\\x1b]0;owned\\x07\\x1b[2J\\x1b[31m\\u202eevil\\u2066\\u200b\\x85\\r\\nfake line\\0";
  const args = JSON.stringify({ code: `throw new Error("${text}")` });
  const called = await ringward(["call", "js.run", "--args", args, "--json"], { folder });
  const { id } = JSON.parse(called.stdout) as { id: string };
  const shown = await ringward(["audit", "show", id], { folder });
  t.match(shown.stdout, "evil", "it is shown");
  t.notMatch(shown.stdout + shown.stderr, controls, JSON.stringify(shown.stdout));
});

/** Whatever moves a cursor, hides or reorders; a line break is the program's own. */
const controls = /\p{Cf}|(?!\n)\p{Cc}/u;
