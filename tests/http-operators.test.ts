import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { endless, openTestDoor, untilRunning } from "./support/test-door.ts";

test("a freeze stops what runs at once, and everything new, until it is thawed", async (t) => {
  const { agents, operators, gateway, keys, open } = await openTestDoor(t);
  const session = await open();
  const path = `/v1/sessions/${session.id}/calls`;
  const propose = (code: string): ReturnType<typeof agents> =>
    agents("POST", path, { token: session.token, json: { tool: "js.run", arguments: { code } } });
  for (const what of [
    { kind: "session", id: session.id },
    { kind: "principal", id: "alice" },
    { kind: "tool", id: "js.run" },
  ]) {
    const running = propose(endless);
    await untilRunning(gateway, session.id);
    const json = { ...what, reason: "odd behaviour" };
    const frozen = await operators("POST", "/v1/freeze", { token: keys.operator, json });
    t.match(frozen, { status: 204, text: "" });
    t.match(await running, { status: 409, body: { code: "CANCELLED" } }, what.kind);
    t.match(await propose("return 1"), { status: 403, body: { code: "FROZEN" } }, what.kind);
    const listed = await operators("GET", "/v1/freeze", { token: keys.auditor });
    t.match(listed.body, { freezes: [json] });
    const thaw = `/v1/freeze/${what.kind}/${encodeURIComponent(what.id)}`;
    t.match(await operators("DELETE", thaw, { token: keys.auditor }), { status: 403 });
    t.match(await operators("DELETE", thaw, { token: keys.operator }), { status: 204 });
    t.match(await operators("DELETE", thaw, { token: keys.operator }), {
      status: 404,
      body: { code: "NOT_FOUND" },
    });
    t.match(await propose("return 1"), { status: 200 }, what.kind);
  }
});

test("a freeze of something that cannot be frozen is refused", async (t) => {
  const { operators, keys } = await openTestDoor(t);
  for (const json of [
    { kind: "gateway", id: "x", reason: "y" },
    { kind: "tool", id: "", reason: "y" },
    { kind: "tool", id: "x" },
    { kind: "tool", id: "x", reason: "y".repeat(limits.reasonChars + 1) },
  ]) {
    const reply = await operators("POST", "/v1/freeze", { token: keys.operator, json });
    t.match(reply, { status: 422, body: { code: "REQUEST_INVALID" } });
  }
  const longest = { kind: "tool", id: "x", reason: "y".repeat(limits.reasonChars) };
  const frozen = await operators("POST", "/v1/freeze", { token: keys.operator, json: longest });
  t.equal(frozen.status, 204);
  const odd = await operators("DELETE", "/v1/freeze/gateway/x", { token: keys.operator });
  t.match(odd, { status: 422, body: { code: "REQUEST_INVALID" } });
});

test("auditors list calls by filters, and see neither arguments nor outputs", async (t) => {
  const { agents, operators, keys, open } = await openTestDoor(t);
  const session = await open();
  const path = `/v1/sessions/${session.id}/calls`;
  const code = "return 'the ' + 'output'";
  const json = { tool: "js.run", arguments: { code } };
  await agents("POST", path, { token: session.token, json });
  await agents("POST", path, { token: session.token, json: { tool: "x", arguments: {} } });
  const list = async (
    query: string,
  ): Promise<{ readonly text: string; readonly count: number }> => {
    const reply = await operators("GET", `/v1/calls${query}`, { token: keys.auditor });
    t.equal(reply.status, 200, query);
    return { text: reply.text, count: (reply.body["calls"] as unknown[]).length };
  };
  t.equal((await list("")).count, 2);
  t.notMatch((await list("")).text, /the output|return/);
  t.equal((await list("?status=refused")).count, 1);
  t.match((await list("?status=refused")).text, /"code":"TOOL_UNKNOWN"/);
  t.equal((await list(`?session=${session.id}&tool=js.run&principal=alice`)).count, 1);
  t.equal((await list("?principal=bob")).count, 0);
  for (const query of ["?status=odd", "?limit=1", "?tool=a&tool=b", "?tool="]) {
    const reply = await operators("GET", `/v1/calls${query}`, { token: keys.auditor });
    t.match(reply, { status: 422, body: { code: "REQUEST_INVALID" } }, query);
  }
});

test("a checkpoint of the record is there for the asking", async (t) => {
  const { operators, keys } = await openTestDoor(t);
  const reply = await operators("GET", "/v1/audit/checkpoint", { token: keys.auditor });
  t.match(reply.body, { sequence: Number, hash: /^[0-9a-f]{64}$/, signature: /./ });
});

test("each listener says that it lives and that it can take calls, without a credential", async (t) => {
  const { agents, operators, gateway } = await openTestDoor(t);
  for (const ask of [agents, operators]) {
    t.match(await ask("GET", "/healthz"), { status: 200, body: { status: "alive" } });
    t.match(await ask("GET", "/readyz"), { status: 200, body: { status: "ready" } });
  }
  t.ok(gateway);
});
