import { test } from "tap";
import { createLog } from "../gateway/http/log.ts";
import { openTestDoor } from "./support/test-door.ts";

const hostile = [
  '\n{"level":30,"msg":"call","status":"completed"}',
  "\r\u001b[2J\u001b]0;owned\u0007",
  "\u007f\u0085\u009b31m",
  "\u2028\u2029\ufeff",
  "\u202egnp.exe\u2066",
  "\ud83d\ude00",
];

test("a log line is one line of ASCII, whatever a stranger wrote", (t) => {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  for (const text of hostile) {
    log.info({ tool: text, [text]: 1 }, text);
    log.error({ err: new Error(text) }, "bug");
  }
  t.equal(lines.length, 2 * hostile.length);
  for (const line of lines) t.match(line, /^[\x20-\x7e]+\n$/);
  t.match(JSON.parse(lines[10] ?? ""), { tool: "\ud83d\ude00" }, "and nothing is lost");
  t.end();
});

test("a log leaves credentials and bodies out, even when it is handed one", (t) => {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  const secret = "rw_agent_secret";
  log.info({ authorization: secret, body: secret, token: secret });
  log.info({ request: { headers: { authorization: secret }, body: { text: secret } } });
  t.notMatch(lines.join(""), secret);
  t.end();
});

test("each call is one line, without arguments, output or credential", async (t) => {
  const { agents, lines, open } = await openTestDoor(t);
  const session = await open();
  const path = `/v1/sessions/${session.id}/calls`;
  const secretive = { tool: "js.run", arguments: { code: "return 'out' + 'put'" } };
  await agents("POST", path, { token: session.token, json: secretive });
  for (const tool of hostile.map((text) => text.slice(0, 64))) {
    await agents("POST", path, { token: session.token, json: { tool, arguments: {} } });
  }
  const calls = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "call");
  t.equal(calls.length, 1 + hostile.length);
  t.match(calls[0], { tool: "js.run", status: "completed", session: session.id, tier: "isolate" });
  t.match(calls[1], { tool: hostile[0]?.slice(0, 64), status: "refused", code: "TOOL_UNKNOWN" });
  const text = lines.join("");
  t.match(text, /^[\n\x20-\x7e]+$/);
  t.notMatch(text, /output|return|rw_agent/);
});
