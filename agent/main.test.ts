import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { completed, json, startScriptedGateway } from "./testing/scripted-gateway.ts";
import { type ScriptedTurn, startScriptedModel } from "./testing/scripted-model.ts";

interface Ended {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
  readonly errors: string;
}

/** The agent as its own process, with an empty environment. */
async function runMain(input: string): Promise<Ended> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], { env: {} });
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ]);
  const lines = output.split("\n").filter((line) => line !== "");
  return { code, errors, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

async function settings(
  t: { teardown(close: () => Promise<void>): void },
  script: readonly ScriptedTurn[],
): Promise<{ gateway: object; model: object; task: { session: string; text: string } }> {
  const model = await startScriptedModel(script);
  const gateway = await startScriptedGateway(({ path }) =>
    path.startsWith("/v1/tools") ? json(200, { tools: [] }) : completed("js.run", 42),
  );
  t.teardown(model.close);
  t.teardown(gateway.close);
  return {
    gateway: { url: gateway.url, token: "t-1" },
    model: { url: model.url, key: "k", name: "scripted" },
    task: { session: "s-1", text: "count" },
  };
}

const call: ScriptedTurn = { calls: [{ tool: "js.run", arguments: { code: "return 6*7" } }] };

test("prints a line for each call and one for the end", async (t) => {
  const { code, lines, errors } = await runMain(
    JSON.stringify(await settings(t, [call, { text: "Done." }])),
  );
  t.equal(code, 0, errors);
  t.match(lines, [
    { event: "call", tool: "js.run", arguments: /6\*7/, status: "completed", tier: "isolate" },
    { event: "end", reason: "finished", detail: "Done.", steps: 2 },
  ]);
});

test("exits with 2 when it stopped at a bound", async (t) => {
  const given = await settings(t, [call, call]);
  const task = { ...given.task, bounds: { steps: 1 } };
  const { code, lines } = await runMain(JSON.stringify({ ...given, task }));
  t.equal(code, 2);
  t.match(lines.at(-1), { event: "end", reason: "steps" });
});

test("reads settings up to their limit, and not a byte more", async (t) => {
  const most = JSON.stringify(await settings(t, [{ text: "Done." }])).padEnd(
    limits.agentSettingsBytes,
  );
  t.equal((await runMain(most)).code, 0);
  t.equal((await runMain(`${most} `)).code, 64);
});

test("exits with 1 and one line when the gateway is not there", async (t) => {
  const given = await settings(t, []);
  const gateway = { url: "http://127.0.0.1:1", token: "t-1" };
  const { code, errors } = await runMain(JSON.stringify({ ...given, gateway }));
  t.equal(code, 1);
  t.match(errors, /^agent: [^\n]+\n$/);
});

test("exits with 64 and one line when its settings are wrong, and tells no token", async (t) => {
  const given = await settings(t, []);
  for (const input of ["", "{", JSON.stringify({ ...given, unknownKey: "t-secret" })]) {
    const { code, errors, lines } = await runMain(input);
    t.equal(code, 64, input.slice(0, 20));
    t.match(errors, /^agent: [^\n]+\n$/);
    t.notMatch(errors, /t-secret|t-1/);
    t.equal(lines.length, 0);
  }
});
