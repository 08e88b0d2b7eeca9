import { test } from "tap";
import type { CallAnswer } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import { createClient } from "./client.ts";
import { runAgent } from "./loop.ts";
import { createModel } from "./openai.ts";
import type { Action, Bounds, Run } from "./run.ts";
import {
  type Asked,
  completed,
  json,
  problem,
  startScriptedGateway,
  type Told,
} from "./testing/scripted-gateway.ts";
import {
  type Script,
  type ScriptedFailure,
  type ScriptedMessage,
  type ScriptedTurn,
  startScriptedModel,
} from "./testing/scripted-model.ts";

const bounds: Bounds = { steps: 20, tokens: 1e6, seconds: 60, dollars: 10, repeats: 3 };

interface Scene {
  readonly script: Script | readonly (ScriptedTurn | ScriptedFailure)[];
  readonly gateway?: (asked: Asked) => Told | "hang up" | Promise<Told | "hang up">;
  readonly bounds?: Partial<Bounds>;
  readonly signal?: AbortSignal;
  readonly onAction?: (action: Action) => void;
}

interface Played {
  readonly run: Run;
  readonly proposals: readonly Asked[];
  readonly requests: readonly Readonly<Record<string, unknown>>[];
}

const parameters = { type: "object", properties: { n: { type: "integer" } } };
const tools = json(200, {
  tools: [{ type: "function", function: { name: "js__run", description: "d", parameters } }],
});

/** The real loop, client and `openai` package, against two real servers. */
async function play(
  t: { teardown(close: () => Promise<void>): void },
  scene: Scene,
): Promise<Played> {
  const model = await startScriptedModel(scene.script);
  const gateway = await startScriptedGateway((asked) =>
    asked.path.startsWith("/v1/tools")
      ? tools
      : (scene.gateway ?? (() => completed("js.run", 42)))(asked),
  );
  t.teardown(async () => {
    await model.close();
    await gateway.close();
  });
  let keys = 0;
  const run = await runAgent(
    { session: "s-1", text: "count", bounds: { ...bounds, ...scene.bounds } },
    {
      gateway: createClient({ baseUrl: gateway.url, token: "t-1" }),
      model: createModel({
        url: model.url,
        key: "m-1",
        name: "scripted",
        dollarsPerMillion: { input: 1, output: 10 },
      }),
      nextKey: () => `k-${keys++}`,
      signal: scene.signal ?? new AbortController().signal,
      onAction: scene.onAction ?? (() => {}),
    },
  );
  return {
    run,
    proposals: gateway.asked.filter(({ method }) => method === "POST"),
    requests: model.requests,
  };
}

const callJs = (n: number): ScriptedTurn => ({ calls: [{ tool: "js.run", arguments: { n } }] });

/** Never ends by itself, and never asks the same twice. */
const endless: Script = (messages) => callJs(messages.length);

function lastObservation({ requests }: Played): string {
  const messages = requests.at(-1)?.["messages"] as ScriptedMessage[];
  return messages.at(-1)?.content ?? "";
}

test("thinks, acts, observes and ends with the model's answer", async (t) => {
  const seen: Action[] = [];
  const played = await play(t, {
    script: [callJs(1), { text: "It is 42." }],
    onAction: (action) => seen.push(action),
  });
  t.same(played.run.stop, { reason: "finished", detail: "It is 42." });
  t.equal(played.run.steps.length, 2);
  t.match(played.proposals[0], { body: { tool: "js.run", arguments: { n: 1 } } });
  t.match(JSON.parse(lastObservation(played)), { status: "completed", output: 42 });
  t.equal(seen.length, 1);
  t.ok(played.run.steps[0]?.tokens, "what was used is in the trace");
});

test("several calls of one answer are made in order, each with a key of its own", async (t) => {
  const calls = [1, 2, 3].map((n) => ({ tool: "js.run", arguments: { n } }));
  const { proposals } = await play(t, { script: [{ calls }] });
  t.same(
    proposals.map(({ body }) => (body as { arguments: { n: number } }).arguments.n),
    [1, 2, 3],
  );
  t.equal(new Set(proposals.map(({ headers }) => headers["idempotency-key"])).size, 3);
});

test("a refusal comes back to the model as something to act on", async (t) => {
  const played = await play(t, {
    script: [callJs(1)],
    gateway: () => problem("POLICY_DENIED", { mend: "ask for less" }),
  });
  t.match(JSON.parse(lastObservation(played)), {
    status: "refused",
    code: "POLICY_DENIED",
    detail: "policy does not allow this call",
    mend: "ask for less",
  });
  t.equal(played.run.stop?.reason, "finished");
});

test("an unknown tool is the gateway's to refuse", async (t) => {
  const { run, proposals } = await play(t, {
    script: [{ calls: [{ tool: "shell.exec", arguments: {} }] }],
    gateway: () => problem("TOOL_UNKNOWN"),
  });
  t.match(proposals[0], { body: { tool: "shell.exec" } });
  const outcome = run.steps[0]?.actions[0]?.outcome;
  t.match(outcome, { kind: "answered", answer: { code: "TOOL_UNKNOWN" } });
});

test("arguments that are no JSON object are told to the model and never proposed", async (t) => {
  const broken = ['{"n":1', "[1]", "7", '{"n":1,"n":2}'];
  for (const text of broken) {
    const played = await play(t, { script: [{ calls: [{ tool: "js.run", arguments: text }] }] });
    t.equal(played.proposals.length, 0, text);
    t.match(JSON.parse(lastObservation(played)), { status: "not-proposed" });
    t.equal(played.run.stop?.reason, "finished");
  }
});

test("an approval that the model names goes beside the arguments, not into them", async (t) => {
  const played = await play(t, {
    script: [callJs(1), { calls: [{ tool: "js.run", arguments: { n: 1, _approval: "a-1" } }] }],
    gateway: ({ body }) =>
      (body as { approval?: string }).approval === "a-1"
        ? completed("js.run", 1)
        : problem("APPROVAL_REQUIRED", { state: "pending", approval: "a-1" }),
  });
  const first = played.run.steps[0]?.actions[0]?.outcome as { answer: CallAnswer };
  t.equal(first.answer.approval, "a-1");
  t.same(played.proposals[1]?.body, { tool: "js.run", arguments: { n: 1 }, approval: "a-1" });
  const properties = { n: { type: "integer" }, _approval: { type: "string" } };
  t.match(played.requests[0], { tools: [{ function: { parameters: { properties } } }] });
});

test("a long output is cut before the model sees it, and says so", async (t) => {
  const played = await play(t, {
    script: [callJs(1)],
    gateway: () => completed("js.run", "😀".repeat(limits.observationChars)),
  });
  const observation = lastObservation(played);
  t.ok(observation.length < limits.observationChars + 100, String(observation.length));
  t.match(observation, /\[cut: \d+ of \d+ characters\]$/);
  t.ok(observation.isWellFormed());
});

test("more calls in one answer than a step takes are put off", async (t) => {
  const call = { tool: "js.run", arguments: {} };
  const played = await play(t, {
    script: [{ calls: Array(limits.agentCallsPerStep + 1).fill(call) }],
  });
  t.equal(played.proposals.length, limits.agentCallsPerStep);
  t.match(JSON.parse(lastObservation(played)), { status: "not-proposed" });
});

test("stops after its steps", async (t) => {
  const { run } = await play(t, { script: endless, bounds: { steps: 4 } });
  t.equal(run.stop?.reason, "steps");
  t.equal(run.steps.length, 4);
});

test("stops after its tokens, and never asks for more than are left", async (t) => {
  const usage = { prompt_tokens: 90, completion_tokens: 10 };
  const { run, requests } = await play(t, {
    script: (messages) => ({ ...callJs(messages.length), usage }),
    bounds: { tokens: 250 },
  });
  t.equal(run.stop?.reason, "tokens");
  t.same(
    requests.map((request) => request["max_completion_tokens"]),
    [250, 150, 50],
  );
});

test("tokens that a server does not count are counted all the same", async (t) => {
  const { run } = await play(t, {
    script: (messages) => ({ ...callJs(messages.length), usage: null }),
    bounds: { tokens: 2_000 },
  });
  t.equal(run.stop?.reason, "tokens");
});

test("stops after its dollars", async (t) => {
  const usage = { prompt_tokens: 1_000_000, completion_tokens: 100_000 };
  const { run } = await play(t, {
    script: (messages) => ({ ...callJs(messages.length), usage }),
    bounds: { dollars: 3, tokens: 1e9 },
  });
  t.equal(run.stop?.reason, "dollars");
  t.equal(run.steps.length, 2, "two dollars a step");
});

test("stops after its seconds, while it waits for the model", async (t) => {
  const { promise, resolve } = Promise.withResolvers<ScriptedTurn>();
  t.teardown(() => resolve({}));
  const { run } = await play(t, { script: () => promise, bounds: { seconds: 0.2 } });
  t.equal(run.stop?.reason, "seconds");
});

test("stops after its seconds, while it waits for a tool", async (t) => {
  const { promise, resolve } = Promise.withResolvers<"hang up">();
  t.teardown(() => resolve("hang up"));
  const { run } = await play(t, {
    script: endless,
    gateway: () => promise,
    bounds: { seconds: 1 },
  });
  t.equal(run.stop?.reason, "seconds");
  t.match(run.steps.at(-1)?.actions[0]?.outcome, { kind: "failed" }, "the call is in the trace");
});

test("stops when it only repeats itself", async (t) => {
  const { run } = await play(t, {
    script: () => callJs(1),
    gateway: () => problem("POLICY_DENIED", { ms: Math.random(), call: String(Math.random()) }),
    bounds: { repeats: 2 },
  });
  t.equal(run.stop?.reason, "no-progress");
  t.equal(run.steps.length, 3);
});

test("the same call with a new answer is progress", async (t) => {
  let answers = 0;
  const { run } = await play(t, {
    script: () => callJs(1),
    gateway: () => completed("js.run", answers++),
    bounds: { repeats: 2, steps: 6 },
  });
  t.equal(run.stop?.reason, "steps");
});

test("stops when its owner cancels it", async (t) => {
  const controller = new AbortController();
  const { run } = await play(t, {
    script: endless,
    signal: controller.signal,
    onAction: () => controller.abort(),
  });
  t.equal(run.stop?.reason, "cancelled");
  t.equal(run.steps.length, 1);
});

test("an error of the model's server is waited out, and stops the run where it stays", async (t) => {
  for (const status of [429, 500]) {
    const passing = await play(t, { script: [{ status }, { text: "late" }] });
    t.same(passing.run.stop, { reason: "finished", detail: "late" });
    const lasting = await play(t, { script: () => ({ status }) });
    t.equal(lasting.run.stop?.reason, "model-failed");
    t.match(lasting.run.stop?.detail, String(status));
    t.ok(lasting.requests.length <= 3, "a bounded number of tries");
  }
});

test("an answer of the model that makes no sense stops the run", async (t) => {
  for (const body of ["{}", '{"choices":[]}', '{"choices":[{"message":{"content":7}}]}']) {
    const { run } = await play(t, { script: () => ({ status: 200, body }) });
    t.equal(run.stop?.reason, "model-failed", body);
  }
});

test("a gateway without an answer stops the run, and nothing more is proposed", async (t) => {
  const { run, proposals } = await play(t, {
    script: [{ calls: [1, 2].map((n) => ({ tool: "js.run", arguments: { n } })) }],
    gateway: () => "hang up",
  });
  t.equal(run.stop?.reason, "gateway-failed");
  t.ok(proposals.every(({ body }) => (body as { arguments: { n: 1 } }).arguments.n === 1));
});
