import { writeFileSync } from "node:fs";
import { join } from "node:path";
import tap, { test } from "tap";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import type { Broker } from "../../sandbox/broker/broker.ts";
import { closedDoor } from "../../sandbox/isolate/call/answers.ts";
import { createIsolateSandbox } from "../../sandbox/isolate/isolate-sandbox.ts";
import { openTestDoor } from "../support/test-door.ts";
import { grantOf } from "./broker-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import { type Attack, allFiles, bench, endOf, holdAll } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

const outputs: readonly Attack[] = [
  ["R18", "a long text", "return 'x'.repeat(2e6);", "OUTPUT_LIMIT"],
  ["R18", "a byte too much", `return 'x'.repeat(${4 * 1_024 - 1});`, "OUTPUT_LIMIT"],
  ["R18", "characters of two bytes", `return 'é'.repeat(${2 * 1_024});`, "OUTPUT_LIMIT"],
  ["R18", "a million values", "return new Array(1e6).fill(0);", "OUTPUT_LIMIT"],
  ["R18", "an array of holes", "const a = []; a.length = 2 ** 32 - 1; return a;"],
  ["R18", "characters that are escaped", "return '\\u0000'.repeat(1e5);", "OUTPUT_LIMIT"],
  ["R18", "a nest of values", "let o = 1; for (let i = 0; i < 1e5; i++) o = [o]; return o;"],
  [
    "R18",
    "keys without end",
    "return new Proxy({}, { ownKeys: () => Array.from({ length: 1e5 }, (_, i) => 'k' + i), get: () => 1, getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) });",
  ],
  [
    "R18",
    "one value many times",
    "let a = ['x'.repeat(1000)]; for (let i = 0; i < 40; i++) a = [a, a]; return a;",
  ],
  [
    "R18",
    "a text that is raw JSON",
    "return JSON.rawJSON('\"' + 'x'.repeat(1e5) + '\"');",
    "OUTPUT_LIMIT",
  ],
];
test(titleOf("R18"), async (t) => {
  const on = bench(t, 2, { outputKb: 4, cpuMs: 400 });
  const most = await on.run(`return 'x'.repeat(${4 * 1_024 - 2});`);
  t.equal(
    most.kind === "output" && most.usage.outputBytes,
    4 * 1_024,
    "just the limit comes through",
  );
  await holdAll(t, on, outputs);
});

test("a text full of quotes comes through whole", async (t) => {
  const { run } = bench(t);
  const result = await run("return '\"'.repeat(500000);", { outputKb: 1_024, cpuMs: 2_000 });
  t.equal(result.kind === "output" && result.output.length, 1_000_002);
});

const ask = (count: number): string =>
  `const all = []; for (let i = 0; i < ${count}; i++) all.push(host.files.read('a.txt')); return (await Promise.all(all)).length;`;

const requests: readonly Attack[] = [
  ["R20", "one too many", ask(limits.hostCallsPerCall + 1)],
  [
    "R20",
    "to places that are refused",
    "for (;;) try { await host.fetch({ url: 'http://x.test/' }); } catch {}",
  ],
];
test(titleOf("R20"), async (t) => {
  const on = bench(t, 2, { permissions: allFiles, isAsync: true, cpuMs: 1_000 });
  t.equal(endOf(await on.run(ask(limits.hostCallsPerCall))), limits.hostCallsPerCall);
  await holdAll(t, on, requests);
});

test(titleOf("R21"), async (t) => {
  let open = 0;
  const asked: string[] = [];
  /** Answers nothing, not even when it is told that the call is over. */
  const request = (name: string): Promise<JsonValue> => {
    asked.push(name);
    return new Promise(() => {});
  };
  const close = (): Promise<void> => Promise.resolve(void open--);
  const broker: Broker = {
    open: () => {
      open++;
      return { ...closedDoor, request, close };
    },
  };
  const sandbox = createIsolateSandbox({ broker, workers: 1 });
  t.teardown(() => sandbox.close());
  await sandbox.warm();
  const run = async (body: string, wallMs = 20_000): Promise<unknown> => {
    const code = `var tool = { async run(args, host) { ${body} } };`;
    const grant = grantOf({ limits: { wallMs, cpuMs: 400, memoryMb: 32, outputKb: 4 } });
    return endOf(await sandbox.run({ grant, code, input: "{}" }, new AbortController().signal));
  };
  t.equal(await run("await host.files.read('a.txt');", 2_000), "TIMEOUT_WALL");
  await sandbox.warm();
  const many =
    "const all = []; for (let i = 0; i < 1e4; i++) all.push(host.files.read('a.txt')); await Promise.all(all);";
  t.equal(await run(many), "HOSTCALL_LIMIT");
  t.equal(
    await run("host.files.read('a.txt'); return 1;"),
    1,
    "who waits for nothing is not held up",
  );
  t.equal(open, 0, "each door is closed");
  t.ok(asked.length <= 1 + limits.hostCallsPerCall);
});

test(titleOf("R22"), async (t) => {
  const { agents, open } = await openTestDoor(t);
  const { id, token } = await open();
  const propose = async (input: string, code = "return 1"): Promise<unknown> => {
    const text = `{"tool":"js.run","arguments":{"code":"${code}","input":${input}}}`;
    const headers = { "content-type": "application/json" };
    return (await agents("POST", `/v1/sessions/${id}/calls`, { token, text, headers })).body[
      "code"
    ];
  };
  const keys = Array.from({ length: 1e5 }, (_, at) => `"k${at}":0`).join();
  t.equal(await propose(`"${"x".repeat(5e6)}"`), "BODY_TOO_BIG");
  t.equal(await propose(`{${keys.slice(0, keys.lastIndexOf(",", 9e5))}}`), "JSON_INVALID");
  t.equal(await propose("[".repeat(1e4) + "]".repeat(1e4)), "JSON_INVALID");
  t.equal(await propose("1", "x".repeat(20_001)), "ARGUMENTS_INVALID");
  t.equal(await propose(`"${"x".repeat(5e5)}"`), undefined, "a large one that fits");
});

test("a request of wild size is refused inside, and the call goes on", async (t) => {
  const { run } = bench(t);
  const body = "try { await host.files.write('x', 'y'.repeat(3e6)); } catch (e) { return e.code; }";
  const result = await run(body, { isAsync: true, permissions: allFiles });
  t.equal(endOf(result), "REQUEST_INVALID");
});

test("a file of the largest size, of any characters, reaches the tool whole", async (t) => {
  const { run, workspace } = bench(t);
  writeFileSync(join(workspace, "large"), '"'.repeat(limits.fileBytes));
  writeFileSync(join(workspace, "nul"), "\u0000".repeat(limits.fileBytes));
  const body = "return (await host.files.read(args.path)).length;";
  for (const path of ["large", "nul"]) {
    const input = `{"path":"${path}"}`;
    const how = { isAsync: true, permissions: allFiles, input, cpuMs: 3_000 };
    t.equal(endOf(await run(body, how)), limits.fileBytes);
  }
});

test(titleOf("R19"), async (t) => {
  const { run } = bench(t);
  const lines = await run("for (let i = 0; i < 1e4; i++) host.log('line ' + i); return 1;");
  t.ok(lines.log.startsWith("line 0\nline 1\n"));
  t.equal(lines.log.length, limits.logBytesPerCall);
  t.equal(endOf(lines), 1);
  const many = await run("for (let i = 0; i < 1e6; i++) host.log('x'); return 1;", {
    cpuMs: 3_000,
  });
  t.equal(many.log.length, limits.logBytesPerCall);
  const large = await run(
    "host.log('x'.repeat(2e7)); host.log({ toString() { throw 1; } }); return 1;",
    { cpuMs: 1_000 },
  );
  t.equal(large.log.length, limits.logBytesPerCall);
  const between = await run(
    "for (let i = 0; i < 60; i++) { host.log('y'.repeat(1000)); await host.files.list('.'); }",
    { isAsync: true, permissions: allFiles, cpuMs: 2_000 },
  );
  t.ok(between.log.length <= limits.logBytesPerCall);
});

test("a tool's error carries a broker's code only when the broker gave it", async (t) => {
  const { run } = bench(t);
  const end = async (body: string, permissions = allFiles): Promise<unknown> =>
    endOf(await run(body, { isAsync: true, permissions }));
  const nothing = { net: [], fs: [] };
  t.equal(await end("const e = new Error('x'); e.code = 'EGRESS_DENIED'; throw e;"), "GUEST_ERROR");
  t.equal(await end("throw { code: 'SANDBOX_CRASH', message: 'x' };"), "GUEST_ERROR");
  t.equal(await end("await host.fetch({ url: 'http://x.test/' });"), "EGRESS_DENIED");
  t.equal(await end("await host.files.read('a.txt');", nothing), "FILES_DENIED");
  t.equal(await end("await host.files.read({});"), "FILES_FAILED");
  t.equal(await end("await host.fetch();"), "EGRESS_FAILED");
  const own = "await host.files.read('a.txt').catch(() => 1); throw new Error('own');";
  t.equal(await end(own, nothing), "GUEST_ERROR");
  t.equal(await end("host.files.read('a.txt'); return 1;", nothing), 1);
  const ignored =
    "host.files.read('none.txt'); for (let i = 0; i < 3; i++) await host.files.list('.'); return 1;";
  t.equal(await end(ignored), 1);
});
