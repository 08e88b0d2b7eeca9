import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { createClient } from "./client.ts";
import { GatewayError } from "./gateway-error.ts";
import {
  type Asked,
  completed,
  json,
  problem,
  type ScriptedGateway,
  startScriptedGateway,
  type Told,
} from "./testing/scripted-gateway.ts";
import { functionName, toolName } from "./tools.ts";

type Tell = (asked: Asked) => Told | "hang up";

async function withGateway(
  t: { teardown(close: () => Promise<void>): void },
  tell: Tell,
): Promise<{ gateway: ScriptedGateway; client: ReturnType<typeof createClient> }> {
  const gateway = await startScriptedGateway(tell);
  t.teardown(gateway.close);
  return { gateway, client: createClient({ baseUrl: gateway.url, token: "k-1" }) };
}

async function failureOf(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof GatewayError) return error;
  throw new Error("no GatewayError", { cause: error });
}

const proposal = { tool: "files.read", arguments: { path: "a.md" } };

test("a host opens a session and passes on what the user says", async (t) => {
  const expiresAt = "2030-01-02T03:04:05.000Z";
  const { gateway, client } = await withGateway(t, ({ path }) =>
    path === "/v1/sessions"
      ? json(201, { session: "s/1", token: "t-1", expiresAt })
      : { status: 204 },
  );
  const opened = await client.openSession({ principal: "ada", task: "read", budget: { calls: 5 } });
  t.same(opened, { session: "s/1", token: "t-1", expiresAt: new Date(expiresAt) });
  await client.addTurn(opened.session, "and write");
  const [first, second] = gateway.asked;
  t.same(first?.body, { principal: "ada", task: "read", budget: { calls: 5 } });
  t.equal(first?.headers.authorization, "Bearer k-1");
  t.equal(second?.path, "/v1/sessions/s%2F1/turns", "an id cannot leave its segment");
  t.same(second?.body, { text: "and write" });
});

test("a completed call comes back with its output", async (t) => {
  const { gateway, client } = await withGateway(t, () => completed("files.read", { text: "x" }));
  const answer = await client.propose("s-1", proposal, { idempotencyKey: "i-1" });
  t.match(answer, { status: "completed", output: { text: "x" }, tier: "isolate", ms: 3 });
  t.same(gateway.asked[0]?.body, proposal);
  t.equal(gateway.asked[0]?.headers["idempotency-key"], "i-1");
  t.equal(gateway.asked[0]?.headers["prefer"], undefined);
});

test("an output of null is an output", async (t) => {
  const { client } = await withGateway(t, () => completed("js.run", null));
  t.hasStrict(await client.propose("s-1", proposal), { status: "completed", output: null });
});

test("a refusal is turned back from its RFC 9457 document into an answer", async (t) => {
  const { client } = await withGateway(t, () => ({
    ...problem("BUDGET_EXHAUSTED", { tool: "files.read", detail: "10 of 10 calls", ms: 7 }),
    headers: { "retry-after": "9" },
  }));
  const answer = await client.propose("s-1", proposal);
  t.match(answer, {
    status: "refused",
    id: "c-1",
    tool: "files.read",
    code: "BUDGET_EXHAUSTED",
    ring: "grant",
    detail: "10 of 10 calls",
    retryAfterSeconds: 9,
    ms: 7,
  });
});

test("a pending call names its approval", async (t) => {
  const { client } = await withGateway(t, () =>
    problem("APPROVAL_REQUIRED", { state: "pending", approval: "a-1" }),
  );
  const answer = await client.propose("s-1", { ...proposal, approval: "a-0" });
  t.match(answer, { status: "pending", approval: "a-1", code: "APPROVAL_REQUIRED" });
});

test("a request refused at the door is an answer without an id", async (t) => {
  const { client } = await withGateway(t, () =>
    problem("UNAUTHENTICATED", { call: undefined, tool: undefined, ms: undefined }),
  );
  const answer = await client.propose("s-1", proposal);
  t.match(answer, { status: "refused", id: "", tool: "files.read", ring: "door", ms: 0 });
});

test("an asynchronous proposal asks for it and gets a running call", async (t) => {
  const { gateway, client } = await withGateway(t, ({ method }) =>
    method === "POST"
      ? json(202, { status: "running", id: "c-1", tool: "files.read", ms: 0 })
      : completed("files.read", 1),
  );
  const { id, status } = await client.propose("s-1", proposal, { async: true });
  t.equal(status, "running");
  t.equal(gateway.asked[0]?.headers["prefer"], "respond-async");
  t.match(await client.call(id), { status: "completed" });
  t.equal(gateway.asked[1]?.path, "/v1/calls/c-1");
});

test("a call is cancelled in its session", async (t) => {
  const { gateway, client } = await withGateway(t, () => ({ status: 204 }));
  await client.cancel("s-1", "c-1");
  t.match(gateway.asked[0], { method: "DELETE", path: "/v1/sessions/s-1/calls/c-1" });
});

test("tools are listed, also as functions whose names lead back", async (t) => {
  const input = { type: "object", properties: {} };
  const tool = { name: "files.read", description: "d", effects: ["read"], input, output: true };
  const fn = { name: "files__read", description: "d", parameters: input };
  const { client } = await withGateway(t, ({ path }) =>
    path === "/v1/tools"
      ? json(200, { tools: [tool] })
      : json(200, { tools: [{ type: "function", function: fn }] }),
  );
  t.same(await client.tools(), [tool]);
  const [listed] = await client.tools({ format: "openai" });
  t.equal(toolName(listed?.function.name ?? ""), "files.read");
  for (const name of ["a.b-c_d.e", "js.run", "plain"]) t.equal(toolName(functionName(name)), name);
});

test("a refusal of anything but a proposal is an error that carries it", async (t) => {
  const { client } = await withGateway(t, () => problem("CREDENTIAL_KIND"));
  t.match(await failureOf(client.addTurn("s-1", "x")), {
    kind: "refused",
    answer: { code: "CREDENTIAL_KIND", ring: "door" },
  });
});

test("rejects what is not an answer of this protocol", async (t) => {
  const answers: Record<string, Told> = {
    "not JSON": { status: 200, type: "text/html", body: "<html>" },
    "broken JSON": { status: 200, type: "application/json", body: "{" },
    "a key twice": { status: 200, type: "application/json", body: '{"status":1,"status":2}' },
    "nothing at all": { status: 200 },
    "a status of its own": json(200, { status: "fine", id: "c", tool: "t", ms: 1 }),
    "a number as text": json(200, { status: "completed", id: "c", tool: "t", ms: "1" }),
    "an unknown code": json(403, { status: "refused", id: "c", tool: "t", code: "NO", ms: 1 }),
    "a problem without a code": { status: 403, type: "application/problem+json", body: "{}" },
    "too many bytes": completed("files.read", "x".repeat(limits.answerBytes)),
  };
  for (const [name, told] of Object.entries(answers)) {
    const { client } = await withGateway(t, () => told);
    t.equal((await failureOf(client.propose("s-1", proposal))).kind, "answer-invalid", name);
  }
});

test("the token does not follow a redirect", async (t) => {
  const thief = await withGateway(t, () => completed("files.read", 1));
  const { client } = await withGateway(t, () => ({
    status: 307,
    headers: { location: `${thief.gateway.url}/v1/sessions/s-1/calls` },
  }));
  t.equal((await failureOf(client.propose("s-1", proposal))).kind, "unreachable");
  t.equal(thief.gateway.asked.length, 0);
});

test("an idempotent proposal is sent again where no answer came", async (t) => {
  const { gateway, client } = await withGateway(t, () =>
    gateway.asked.length < limits.proposalTries ? "hang up" : completed("files.read", 1),
  );
  t.match(await client.propose("s-1", proposal, { idempotencyKey: "i" }), { status: "completed" });
  t.equal(gateway.asked.length, limits.proposalTries);
  t.equal(new Set(gateway.asked.map(({ headers }) => headers["idempotency-key"])).size, 1);
});

test("a proposal is sent again a bounded number of times", async (t) => {
  const { gateway, client } = await withGateway(t, () => "hang up");
  t.equal(
    (await failureOf(client.propose("s-1", proposal, { idempotencyKey: "i" }))).kind,
    "unreachable",
  );
  t.equal(gateway.asked.length, limits.proposalTries);
});

test("a proposal without a key is sent once", async (t) => {
  const { gateway, client } = await withGateway(t, () => "hang up");
  t.equal((await failureOf(client.propose("s-1", proposal))).kind, "unreachable");
  t.equal(gateway.asked.length, 1);
});

test("comes back when an overloaded gateway says when, and only then", async (t) => {
  const overloaded = (seconds?: string): Told => ({
    ...problem("OVERLOADED"),
    ...(seconds !== undefined && { headers: { "retry-after": seconds } }),
  });
  const cases = [
    { told: overloaded("0"), sent: limits.proposalTries },
    { told: overloaded(), sent: 1 },
    { told: overloaded("3600"), sent: 1 },
    { told: { ...problem("POLICY_DENIED"), headers: { "retry-after": "0" } }, sent: 1 },
  ];
  for (const { told, sent } of cases) {
    const { gateway, client } = await withGateway(t, () => told);
    const answer = await client.propose("s-1", proposal, { idempotencyKey: "i" });
    t.equal(answer.status, "refused");
    t.equal(gateway.asked.length, sent, `${answer.code} after ${answer.retryAfterSeconds} s`);
  }
});

test("its caller's signal ends a proposal, with the caller's reason", async (t) => {
  const controller = new AbortController();
  const { client } = await withGateway(t, () => {
    controller.abort(new Error("enough"));
    return { ...problem("OVERLOADED"), headers: { "retry-after": "5" } };
  });
  const options = { idempotencyKey: "i", signal: controller.signal };
  await t.rejects(client.propose("s-1", proposal, options));
});
