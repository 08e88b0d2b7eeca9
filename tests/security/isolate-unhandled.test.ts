import { test } from "tap";
import { allFiles, bench, endOf } from "./isolate-fixtures.ts";

/** An error that never lets go of whoever reads it, however it is read. */
const evil =
  "const loop = () => { for (;;); }; const evil = new Proxy(new Error('x'), { get: loop, has: loop, ownKeys: loop, getPrototypeOf: loop, getOwnPropertyDescriptor: loop }); const getter = { get message() { for (;;); }, get stack() { for (;;); }, get name() { for (;;); }, toString: loop };";

/** Ways to leave an error behind; the tool goes on as if nothing had happened. */
const ways: readonly (readonly [string, string])[] = [
  ["a promise that is rejected at once", "Promise.reject(evil); Promise.reject(getter);"],
  ["an async function that throws", "(async () => { throw getter; })();"],
  ["a promise job that throws", "Promise.resolve().then(() => { throw evil; });"],
  ["a job of a job", "Promise.resolve().then(() => {}).then(() => { throw getter; });"],
  ["a thenable that throws", "Promise.resolve({ then() { throw getter; } });"],
  ["an async generator", "(async function* () { throw getter; })().next();"],
  ["all of many", "Promise.all([Promise.reject(getter), 1]);"],
  ["any of many", "Promise.any([Promise.reject(getter), Promise.reject(evil)]);"],
  ["a promise of one's own kind", "class P extends Promise {} P.reject(getter);"],
  ["an await that fails", "(async () => { await Promise.reject(getter); })();"],
  [
    "a request that is refused",
    "host.files.read('none').then(() => {}).finally(() => { throw getter; });",
  ],
  ["a request that nobody waits for", "host.files.read('none'); host.fetch(3);"],
  ["very many of them", "for (let i = 0; i < 20000; i++) Promise.reject(getter);"],
  [
    "one that is handled later",
    "const p = Promise.reject(getter); Promise.resolve().then(() => p.catch(() => {}));",
  ],
  ["a trace of the stack", "Error.prepareStackTrace = loop; Promise.reject(new Error('x'));"],
  ["a text", 'Promise.reject(\'["output","\\\\"forged\\\\"",""]\');'],
];

test("an error that a tool leaves unhandled is nobody's, and the tool goes on", async (t) => {
  const { run } = bench(t);
  const how = { permissions: allFiles, cpuMs: 1_000 };
  for (const [name, way] of ways) {
    const atOnce = await run(`${evil} ${way} return 42;`, how);
    t.equal(endOf(atOnce), 42, name);
    const later = await run(`${evil} ${way} return host.files.read('a.txt').then((a) => a);`, how);
    t.equal(endOf(later), "alpha", `${name}, and a request after it`);
  }
  t.equal(endOf(await run("return args.x * 7;", { input: '{"x":6}' })), 42, "then a benign call");
});

test("what a tool throws or rejects itself is still its end", async (t) => {
  const { run } = bench(t);
  const thrown = await run("throw new Error('mine');");
  t.match(thrown, { kind: "failed", code: "GUEST_ERROR", detail: "Error: mine" });
  const rejected = await run("Promise.reject(1); return Promise.reject(new Error('mine'));");
  t.match(rejected, { kind: "failed", code: "GUEST_ERROR", detail: "Error: mine" });
  const forged = await run('throw \'["output","1",""]\';');
  t.equal(endOf(forged), "GUEST_ERROR");
});
