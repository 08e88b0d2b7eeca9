import { test } from "tap";
import { createClient } from "../agent/client.ts";
import { GatewayError } from "../agent/gateway-error.ts";
import { openTestDoor } from "./support/test-door.ts";

test("the client understands the gateway: sessions, calls, refusals, tools", async (t) => {
  const { served, keys } = await openTestDoor(t);
  const host = createClient({ baseUrl: served.agentsUrl, token: keys.host });
  const { session, token, expiresAt } = await host.openSession({ principal: "ann", task: "add" });
  t.ok(expiresAt instanceof Date);
  await host.addTurn(session, "and multiply");
  const agent = createClient({ baseUrl: served.agentsUrl, token });
  const proposal = { tool: "js.run", arguments: { code: "return 6*7" } };
  t.match(await agent.propose(session, proposal), { status: "completed", output: 42 });
  const wrong = { tool: "js.run", arguments: { code: "return 1", more: 1 } };
  const refused = await agent.propose(session, wrong);
  t.match(refused, { status: "refused", code: "ARGUMENTS_INVALID", ring: "schema", id: /^call_/ });
  t.match(await agent.call(refused.id), { status: "refused", code: "ARGUMENTS_INVALID" });
  t.ok((await agent.tools()).some(({ name }) => name === "js.run"));
  const functions = await agent.tools({ format: "openai" });
  t.ok(functions.some((tool) => tool.function.name === "js__run"));
});

test("the client follows a call that it did not wait for, and cancels nothing twice", async (t) => {
  const { served, open } = await openTestDoor(t);
  const session = await open();
  const agent = createClient({ baseUrl: served.agentsUrl, token: session.token });
  const proposal = { tool: "js.run", arguments: { code: "for (;;) {}" } };
  const { id, status } = await agent.propose(session.id, proposal, { async: true });
  t.equal(status, "running");
  await agent.cancel(session.id, id);
  let answer = await agent.call(id);
  while (answer.status === "running") answer = await agent.call(id);
  t.match(answer, { status: "refused", code: "CANCELLED" });
  await t.rejects(agent.cancel(session.id, id), GatewayError);
});
