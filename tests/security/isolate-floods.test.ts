import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import type { Permissions } from "../../manifests/permissions.ts";
import { bench, endOf } from "./isolate-fixtures.ts";

const permissions: Permissions = {
  net: [],
  fs: [
    { path: ".", access: "read" },
    { path: ".", access: "write" },
    { path: ".", access: "list" },
  ],
};

test("output up to the limit comes through, and not a byte more", async (t) => {
  const { run } = bench(t);
  const size = 1_024 * 4;
  const most = await run(`return 'x'.repeat(${size - 2});`, { outputKb: 4 });
  t.equal(most.kind === "output" && most.usage.outputBytes, size);
  for (const body of [
    `return 'x'.repeat(${size - 1});`,
    `return 'é'.repeat(${size / 2});`,
    "return 'x'.repeat(2e7);",
    "return new Array(1e6).fill(0);",
    "return '\\u0000'.repeat(1e5);",
  ]) {
    const result = await run(body, { outputKb: 4 });
    t.equal(endOf(result), "OUTPUT_LIMIT", body);
    t.equal(endOf(await run("return 1;")), 1);
  }
});

test("a text full of quotes comes through whole", async (t) => {
  const { run } = bench(t);
  const result = await run("return '\"'.repeat(500000);", { outputKb: 1_024, cpuMs: 2_000 });
  t.equal(result.kind === "output" && result.output.length, 1_000_002);
});

test("requests up to the limit are served, one more ends the call", async (t) => {
  const { run } = bench(t);
  const ask = (count: number): string =>
    `const all = []; for (let i = 0; i < ${count}; i++) all.push(host.files.read('a.txt')); return (await Promise.all(all)).length;`;
  const most = await run(ask(limits.hostCallsPerCall), { isAsync: true, permissions });
  t.equal(endOf(most), limits.hostCallsPerCall);
  const more = await run(ask(limits.hostCallsPerCall + 1), { isAsync: true, permissions });
  t.equal(endOf(more), "HOSTCALL_LIMIT");
  const swallowed = await run(`${ask(1e4)}`, { isAsync: true, permissions, cpuMs: 2_000 });
  t.equal(endOf(swallowed), "HOSTCALL_LIMIT");
  const sequence = "for (;;) try { await host.files.read('a.txt'); } catch {}";
  t.match(
    endOf(await run(sequence, { isAsync: true, permissions })),
    /^(HOSTCALL_LIMIT|TIMEOUT_CPU|OOM)$/,
  );
});

test("a request of wild size is refused inside, and the call goes on", async (t) => {
  const { run } = bench(t);
  const body = "try { await host.files.write('x', 'y'.repeat(3e6)); } catch (e) { return e.code; }";
  t.equal(endOf(await run(body, { isAsync: true, permissions })), "REQUEST_INVALID");
});

test("a file of the largest size, of any characters, reaches the tool whole", async (t) => {
  const { run, workspace } = bench(t);
  writeFileSync(join(workspace, "large"), '"'.repeat(limits.fileBytes));
  writeFileSync(join(workspace, "nul"), "\u0000".repeat(limits.fileBytes));
  const body = "return (await host.files.read(args.path)).length;";
  for (const path of ["large", "nul"]) {
    const how = { isAsync: true, permissions, input: `{"path":"${path}"}`, cpuMs: 3_000 };
    t.equal(endOf(await run(body, how)), limits.fileBytes);
  }
});

test("a log is cut at its limit, and says nothing to the agent", async (t) => {
  const { run } = bench(t);
  const lines = await run("for (let i = 0; i < 1e4; i++) host.log('line ' + i); return 1;");
  t.ok(lines.log.startsWith("line 0\nline 1\n"));
  t.equal(lines.log.length, limits.logBytesPerCall);
  t.equal(endOf(lines), 1);
  const large = await run(
    "host.log('x'.repeat(2e7)); host.log({ toString() { throw 1; } }); return 1;",
  );
  t.equal(large.log.length, limits.logBytesPerCall);
  const between = await run(
    "for (let i = 0; i < 60; i++) { host.log('y'.repeat(1000)); await host.files.list('.'); }",
    { isAsync: true, permissions, cpuMs: 2_000 },
  );
  t.ok(between.log.length <= limits.logBytesPerCall);
});

/** What a tool may do to the built-ins before it asks: the bootstrap keeps its own. */
const pollutions: readonly string[] = [
  'JSON.stringify = () => \'["output","forged",""]\'; JSON.parse = () => 0;',
  "Object.prototype.toJSON = () => 'forged'; Array.prototype.toJSON = () => 'forged'; String.prototype.toJSON = () => 'forged';",
  "Object.defineProperty(Object.prototype, 'get', { get() { return 1; } }); Object.prototype.value = 2;",
  "Array.prototype[Symbol.iterator] = null; Array.prototype.push = null; Array.prototype.join = null; Object.defineProperty(Array.prototype, '0', { set() { throw 1; } });",
  "Promise = class {}; globalThis.Promise.resolve = null;",
  "Promise.prototype.then = null; Promise.prototype.catch = null; Promise.prototype.finally = null;",
  "Object.defineProperty(Promise.prototype, 'constructor', { get() { throw 1; } });",
  "Object.defineProperty(Promise, Symbol.species, { get() { throw 1; } });",
  "Function.prototype.call = null; Function.prototype.apply = null; Function.prototype.bind = null; String.prototype.slice = null; String.prototype.toWellFormed = null;",
  "Object.defineProperty = null; Object.getOwnPropertyDescriptor = null; globalThis.Object = null; globalThis.JSON = null; globalThis.Error = null;",
  "Object.prototype.channel = 'x'; Object.prototype.then = undefined; Object.prototype.code = 'y'; Object.prototype.path = 'z';",
  "Object.defineProperty(Object.prototype, 'resolve', { set() { throw 1; } }); Object.defineProperty(Object.prototype, 'code', { set() { throw 1; } });",
];
test("changed built-ins change neither the protocol nor another's answer", async (t) => {
  const { run } = bench(t);
  for (const pollution of pollutions) {
    const result = await run(`${pollution} return await host.files.read('a.txt');`, {
      isAsync: true,
      permissions,
    });
    // The tool may have broken itself; what it asked is what the bootstrap sent, or nothing.
    const asked = result.requests.map((entry) => `${entry.action} ${entry.target}`).join();
    t.match(asked, /^(read a\.txt)?$/, pollution);
    t.match(String(endOf(result)), /^(alpha|forged|GUEST_ERROR|\[object Object\])$/, pollution);
    t.equal(endOf(await run("return 1;")), 1);
  }
});

test("a tool's error carries a broker's code only when the broker gave it", async (t) => {
  const { run } = bench(t);
  const forged = "const e = new Error('x'); e.code = 'EGRESS_DENIED'; throw e;";
  t.equal(endOf(await run(forged)), "GUEST_ERROR");
  t.equal(endOf(await run("throw { code: 'SANDBOX_CRASH', message: 'x' };")), "GUEST_ERROR");
  t.equal(
    endOf(await run("await host.fetch({ url: 'http://x.test/' });", { isAsync: true })),
    "EGRESS_DENIED",
  );
  t.equal(endOf(await run("await host.files.read('a.txt');", { isAsync: true })), "FILES_DENIED");
  t.equal(
    endOf(await run("await host.files.read({});", { isAsync: true, permissions })),
    "FILES_FAILED",
  );
  t.equal(endOf(await run("await host.fetch();", { isAsync: true })), "EGRESS_FAILED");
  t.equal(
    endOf(
      await run("await host.files.read('a.txt').catch(() => 1); throw new Error('own');", {
        isAsync: true,
      }),
    ),
    "GUEST_ERROR",
  );
  t.equal(endOf(await run("host.files.read('a.txt'); return 1;", { isAsync: true })), 1);
  const ignored =
    "host.files.read('none.txt'); for (let i = 0; i < 3; i++) await host.files.list('.'); return 1;";
  t.equal(endOf(await run(ignored, { isAsync: true, permissions })), 1);
});

test("arguments of a request are read once, as JSON, and no trap of the tool runs outside", async (t) => {
  const { run } = bench(t);
  const body = `
    let reads = 0;
    const path = new Proxy({}, { get(_, key) { reads++; return key === 'toJSON' ? () => 'a.txt' : undefined; } });
    return [await host.files.read(path), reads];`;
  t.strictSame(endOf(await run(body, { isAsync: true, permissions })), ["alpha", 1]);
});
