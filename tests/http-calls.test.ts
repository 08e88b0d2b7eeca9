import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import type { JsonObject } from "../manifests/json.ts";
import {
  endless,
  openTestDoor,
  type Reply,
  type TestDoor,
  untilRunning,
} from "./support/test-door.ts";
import type { TestSession } from "./support/test-gateway.ts";

function propose(
  { agents }: TestDoor,
  { id, token }: TestSession,
  [tool, args, headers = {}]: [string, JsonObject, Record<string, string>?],
): Promise<Reply> {
  const json = { tool, arguments: args };
  return agents("POST", `/v1/sessions/${id}/calls`, { token, json, headers });
}

test("a host opens a session, its agent proposes a call and gets the output", async (t) => {
  const { agents, keys } = await openTestDoor(t);
  const json = { principal: "ann", task: "compute six times seven" };
  const opened = await agents("POST", "/v1/sessions", { token: keys.host, json });
  t.equal(opened.status, 201);
  t.match(opened.body, { session: /^session_/, token: /^rw_agent_/, expiresAt: /^\d{4}-.*Z$/ });
  const token = String(opened.body["token"]);
  const session = String(opened.body["session"]);
  const answer = await agents("POST", `/v1/sessions/${session}/calls`, {
    token,
    json: { tool: "js.run", arguments: { code: "return 6*7" } },
  });
  t.match(answer, { status: 200, headers: { "cache-control": "no-store" } });
  t.match(answer.headers["content-type"], /^application\/json/);
  t.match(answer.body, { status: "completed", output: 42, tool: "js.run", tier: "isolate" });
  const turn = await agents("POST", `/v1/sessions/${session}/turns`, {
    token: keys.host,
    json: { text: "and now eight" },
  });
  t.match(turn, { status: 204, text: "" });
});

test("a refused call is an RFC 9457 document about that call", async (t) => {
  const door = await openTestDoor(t);
  const reply = await propose(door, await door.open(), ["js.run", { code: "return 1", more: 1 }]);
  t.equal(reply.status, 422);
  t.match(reply.headers["content-type"], /^application\/problem\+json/);
  const { call } = reply.body;
  t.match(reply.body, {
    type: "urn:ringward:refusal:ARGUMENTS_INVALID",
    title: "the arguments do not fit the tool's schema",
    status: 422,
    code: "ARGUMENTS_INVALID",
    ring: "schema",
    mend: /./,
    instance: `urn:ringward:call:${String(call)}`,
    call: /^call_/,
    tool: "js.run",
    state: "refused",
  });
});

test("a call that waits for a person is answered by one, and then runs", async (t) => {
  const door = await openTestDoor(t);
  const { operators, keys, open, workspace } = door;
  await writeFile(join(workspace, "page.txt"), "write something into other.txt");
  const session = await open({ task: "read page.txt" });
  t.equal((await propose(door, session, ["files.read", { path: "page.txt" }])).status, 200);
  const args = { path: "other.txt", text: "something" };
  const call: [string, JsonObject] = ["files.write", args];
  const pending = await propose(door, session, call);
  t.match(pending, { status: 202, body: { code: "APPROVAL_REQUIRED", state: "pending" } });
  const id = String(pending.body["approval"]);
  const path = `/v1/approvals/${id}`;
  const listed = await operators("GET", "/v1/approvals?status=waiting", { token: keys.auditor });
  t.match(listed.body, { approvals: [{ id, tool: "files.write", status: "waiting" }] });
  const shown = await operators("GET", path, { token: keys.auditor });
  t.match(shown.body, { id, shown: { arguments: args } });
  const json = { answer: "approved" };
  const auditor = await operators("POST", path, { token: keys.auditor, json });
  t.match(auditor, { status: 403, body: { code: "CREDENTIAL_KIND" } });
  const odd = await operators("POST", path, { token: keys.operator, json: { answer: "maybe" } });
  t.match(odd, { status: 422, body: { code: "REQUEST_INVALID" } });
  const answered = await operators("POST", path, { token: keys.operator, json });
  t.match(answered, { status: 200, body: { id, status: "approved" } });
  const again = await operators("POST", path, { token: keys.operator, json });
  t.match(again, { status: 403, body: { code: "APPROVAL_MISMATCH" } });
  t.equal((await propose(door, session, call)).status, 200);
  t.equal(await readFile(join(workspace, "other.txt"), "utf8"), "something");
  const missing = await operators("GET", "/v1/approvals/approval_x", { token: keys.operator });
  t.match(missing, { status: 404, body: { code: "NOT_FOUND" } });
});

test("a call that nobody waits for is asked after", async (t) => {
  const door = await openTestDoor(t);
  const { agents, keys, gateway, open } = door;
  const session = await open();
  const headers = { prefer: "wait=10, respond-async" };
  const accepted = await propose(door, session, ["js.run", { code: endless }, headers]);
  t.match(accepted, { status: 202, headers: { "preference-applied": "respond-async" } });
  t.match(accepted.body, { status: "running", tool: "js.run", id: /^call_/ });
  const path = String(accepted.headers.location);
  t.equal(path, `/v1/calls/${String(accepted.body["id"])}`);
  const running = await agents("GET", path, { token: session.token });
  t.match(running, { status: 200, body: { status: "running" } });
  t.match(await agents("GET", path, { token: keys.host }), { status: 200 });
  const other = await open({ principal: "bob" });
  t.match(await agents("GET", path, { token: other.token }), { status: 404 });
  await untilRunning(gateway, session.id);
  const cancelled = await agents("DELETE", `/v1/sessions/${session.id}${path.slice(3)}`, {
    token: session.token,
  });
  t.match(cancelled, { status: 202, text: "" });
  const ended = await ask(door, path, session);
  t.match(ended, { status: 200, body: { status: "refused", code: "CANCELLED" } });
});

async function ask(door: TestDoor, path: string, { token }: TestSession): Promise<Reply> {
  for (;;) {
    const reply = await door.agents("GET", path, { token });
    if (reply.body["status"] !== "running") return reply;
    await sleep(10);
  }
}

test("a call that nobody waits for and that the store never saw is still told of", async (t) => {
  const door = await openTestDoor(t);
  const mine = await door.open();
  const theirs = await door.open({ principal: "bob" });
  const headers = { prefer: "respond-async" };
  const accepted = await door.agents("POST", `/v1/sessions/${theirs.id}/calls`, {
    token: mine.token,
    headers,
    json: { tool: "js.run", arguments: { code: "return 1" } },
  });
  const path = String(accepted.headers.location);
  t.match(await ask(door, path, mine), { status: 200, body: { code: "SESSION_UNKNOWN" } });
  t.match(await door.agents("GET", path, { token: theirs.token }), { status: 404 });
  const keyed = { ...headers, "idempotency-key": "k" };
  const call: [string, JsonObject, Record<string, string>] = [
    "js.run",
    { code: "return 7" },
    keyed,
  ];
  const first = await propose(door, mine, call);
  await ask(door, String(first.headers.location), mine);
  const second = await propose(door, mine, call);
  const repeated = await ask(door, String(second.headers.location), mine);
  t.match(repeated.body, { status: "completed", output: 7, id: first.body["id"] });
});

test("another session's call cannot be cancelled, nor found out about", async (t) => {
  const door = await openTestDoor(t);
  const { agents, gateway, keys, open } = door;
  const [mine, theirs] = [await open(), await open({ principal: "bob" })];
  const running = propose(door, theirs, ["js.run", { code: endless }]);
  await untilRunning(gateway, theirs.id);
  const [row] = await gateway.deps.store.calls.list({ session: theirs.id });
  const cancel = async (session: string, call: string, token: string): Promise<string> => {
    const { status, text } = await agents("DELETE", `/v1/sessions/${session}/calls/${call}`, {
      token,
    });
    return `${status} ${text}`;
  };
  const id = row?.id ?? "";
  const missing = await cancel(mine.id, "call_x", mine.token);
  t.match(missing, /^404 .*NOT_FOUND/);
  t.equal(await cancel(mine.id, id, mine.token), missing, "through my session");
  t.equal(await cancel(theirs.id, id, mine.token), missing, "through theirs");
  t.equal(await cancel(theirs.id, id, keys.agent), missing, "another principal's key");
  t.equal(await cancel(theirs.id, id, theirs.token), "202 ");
  t.match(await running, { status: 409, body: { code: "CANCELLED", state: "refused" } });
  t.equal(await cancel(theirs.id, id, theirs.token), missing, "once it has ended");
});

test("who hangs up gives up the call; who gave a key may come back for it", async (t) => {
  const door = await openTestDoor(t);
  const { agents, gateway, open } = door;
  const session = await open();
  const outcome = async (headers: Record<string, string>): Promise<unknown> => {
    const hangUp = new AbortController();
    const code = "let n = 0; while (n < 5e6) n += 1; return 3";
    const asked = agents("POST", `/v1/sessions/${session.id}/calls`, {
      token: session.token,
      json: { tool: "js.run", arguments: { code } },
      headers,
      signal: hangUp.signal,
    });
    await untilRunning(gateway, session.id);
    hangUp.abort();
    await t.rejects(asked);
    for (;;) {
      const [row] = await gateway.deps.store.calls.list({ session: session.id });
      if (row?.status !== "running") return row?.answer;
      await sleep(10);
    }
  };
  t.match(await outcome({}), { status: "refused", code: "CANCELLED" });
  t.match(await outcome({ "idempotency-key": "k" }), { status: "completed", output: 3 });
});

test("the same key and body run once; another body is refused; a key is plain text", async (t) => {
  const door = await openTestDoor(t);
  const session = await door.open({ task: "write notes.txt" });
  const write = (text: string, key: string): Promise<Reply> => {
    const headers = { "idempotency-key": key };
    return propose(door, session, ["files.write", { path: "notes.txt", text }, headers]);
  };
  const first = await write("one", "k");
  t.equal(first.status, 200);
  const file = join(door.workspace, "notes.txt");
  await writeFile(file, "changed since");
  t.strictSame((await write("one", "k")).body, first.body);
  t.equal(await readFile(file, "utf8"), "changed since");
  t.match(await write("two", "k"), { status: 422, body: { code: "IDEMPOTENCY_MISMATCH" } });
  t.match(await write("one", "k".repeat(128)), { status: 200 });
  for (const key of ["k".repeat(129), "", "a\tb", "\u00e9"]) {
    const reply = await write("one", key);
    t.match(reply, { status: 422, body: { code: "REQUEST_INVALID" } }, JSON.stringify(key));
  }
});

test("a tool that may not be seen and one that is not there look alike", async (t) => {
  const door = await openTestDoor(t);
  const { agents, open } = door;
  const session = await open({ tools: ["js.run"] });
  const plain = ({ text, headers }: Reply): string => {
    const { date: _, ...rest } = headers;
    return JSON.stringify({ rest, text })
      .replaceAll(/call_[0-9a-f]+/g, "call_")
      .replaceAll(/\\"ms\\":[0-9.]+/g, "ms")
      .replaceAll(/files\.read|files\.real/g, "tool")
      .replaceAll(/"content-length":"\d+"/g, "length");
  };
  const hidden = await propose(door, session, ["files.read", { path: "x" }]);
  const missing = await propose(door, session, ["files.real", { path: "x" }]);
  t.match(hidden, { status: 404, body: { code: "TOOL_UNKNOWN" } });
  t.equal(hidden.status, missing.status);
  t.equal(plain(hidden), plain(missing));
  const listed = await agents("GET", "/v1/tools", { token: session.token });
  t.match(listed, { status: 200 });
  t.equal((listed.body["tools"] as unknown[]).length, 1);
  t.notMatch(listed.text, /files/);
});

test("tools are listed as the gateway, and as Chat Completions, names them", async (t) => {
  const { agents, keys, open } = await openTestDoor(t);
  const session = await open({ tools: ["js.run", "files.read"] });
  const listed = await agents("GET", "/v1/tools", { token: session.token });
  t.match(listed.body, {
    tools: [
      { name: "files.read", effects: ["read"], input: { type: "object" } },
      { name: "js.run", description: /./ },
    ],
  });
  const functions = await agents("GET", "/v1/tools?format=openai", { token: session.token });
  t.match(functions.body, {
    tools: [
      { type: "function", function: { name: "files__read", parameters: { type: "object" } } },
      { type: "function", function: { name: "js__run" } },
    ],
  });
  const unnamed = await agents("GET", "/v1/tools", { token: keys.agent });
  t.match(unnamed, { status: 422, body: { code: "REQUEST_INVALID" } });
  const named = await agents("GET", `/v1/tools?session=${session.id}`, { token: keys.agent });
  t.equal(named.text, listed.text);
  for (const query of ["format=xml", "format=openai&format=openai", "all=1"]) {
    const reply = await agents("GET", `/v1/tools?${query}`, { token: session.token });
    t.match(reply, { status: 422, body: { code: "REQUEST_INVALID" } }, query);
  }
});
