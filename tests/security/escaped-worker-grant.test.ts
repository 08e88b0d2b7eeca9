import { symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { JsonValue } from "../../manifests/json.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { runCall } from "../../sandbox/isolate/call/run-call.ts";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { bundleProgram } from "../support/bundle.ts";
import { grantOf } from "./broker-fixtures.ts";

const canary = "canary-71e0aa35c2";

test("attack: a worker that was taken over gets what its call was granted, and nothing else", async (t) => {
  const { port, visits } = await serve(t);
  const local = `http://127.0.0.1:${port}`;
  const granted: Question[] = [
    ["files.read", { path: "mine/a.txt" }],
    ["fetch", { url: `${local}/open/page` }],
  ];
  const refused: Question[] = [
    ["files.read", { path: "other/secret.txt" }],
    ["files.read", { path: "../state/keys" }],
    ["files.read", { path: "mine/../other/secret.txt" }],
    ["files.read", { path: "mine/link" }],
    ["files.read", { path: "/etc/passwd" }],
    ["files.read", { path: "mine/a.txt\u0000" }],
    ["files.read", { path: "state/keys" }],
    ["files.list", { path: "." }],
    ["files.list", { path: "mine" }],
    ["files.write", { path: "mine/a.txt", text: "x" }],
    ["files.write", { path: "policies/all.cedar", text: "permit(principal, action, resource);" }],
    ["files.remove", { path: "mine/a.txt" }],
    ["fetch", { url: `${local}/secret` }],
    ["fetch", { url: `${local}/open/..%2fsecret` }],
    ["fetch", { url: `${local}/open/page`, method: "POST", body: "x" }],
    ["fetch", { url: `http://localhost:${port}/open/page` }],
    ["fetch", { url: `http://[::ffff:127.0.0.1]:${port}/open/page` }],
    ["fetch", { url: `https://127.0.0.1:${port}/open/page` }],
    ["fetch", { url: "http://127.0.0.1:1/open/page" }],
    ["fetch", { url: "file:///etc/passwd" }],
    ["fetch", { url: `${local}/open/page`, grant: "another" }],
    ["grant", { net: "all" }],
    ["policy.write", { text: "" }],
    ["constructor", {}],
    ["__proto__", {}],
  ];
  const result = await ask([...granted, ...refused], port, t);
  if (result.kind !== "output") throw new Error(result.code);
  const answers = JSON.parse(result.output) as readonly Answer[];
  for (const [at, [name]] of granted.entries()) t.equal(answers[at]?.[1], true, `granted: ${name}`);
  for (const [at, question] of refused.entries()) {
    const [, isDone, code] = answers[granted.length + at] ?? [];
    t.equal(isDone, false, JSON.stringify(question));
    t.match(code, /^(FILES|EGRESS)_(DENIED|FAILED)$|^REQUEST_INVALID$/, `${question[0]}: ${code}`);
  }
  t.notMatch(result.output, canary);
  t.strictSame(visits, ["GET /open/page"], "the server saw what was granted, once");
  const booked = result.requests.filter(({ code }) => code === undefined);
  t.equal(booked.length, granted.length, "the book says so too");
});

type Question = readonly [name: string, args: JsonValue];
type Answer = readonly [number, boolean, JsonValue, string?];

async function ask(questions: readonly Question[], port: number, t: Test): Promise<SandboxResult> {
  const jail = jailCommand(bundleProgram(new URL("./escaped-worker/asker.ts", import.meta.url)));
  if (!jail) throw new Error("no jail");
  const worker = await startWorker(jail, 32);
  t.teardown(() => worker.kill());
  const grant = grantOf({
    permissions: {
      fs: [{ path: "mine", access: "read" }],
      net: [
        {
          ...{ scheme: "http", host: "127.0.0.1", ports: [port], methods: ["GET"] },
          ...{ path: "/open", addresses: ["127.0.0.1/32"] },
        },
      ],
    },
  });
  const { signal } = new AbortController();
  const deps = { broker: brokerIn(t), now: () => performance.now(), signal };
  return await runCall(worker, { grant, code: "", input: JSON.stringify(questions) }, deps);
}

function brokerIn(t: Test): ReturnType<typeof createBroker> {
  const folder = t.testdir({
    workspace: {
      mine: { "a.txt": "alpha" },
      other: { "secret.txt": canary },
      policies: {},
      state: { keys: canary },
    },
    state: { keys: canary },
  });
  const workspace = join(folder, "workspace");
  symlinkSync("../other/secret.txt", join(workspace, "mine", "link"));
  const protectedPaths = [join(workspace, "policies"), join(workspace, "state")];
  return createBroker({ workspace, hosts: {}, protectedPaths });
}

async function serve(t: Test): Promise<{ readonly port: number; readonly visits: string[] }> {
  const visits: string[] = [];
  const server = createServer(({ method, url }, response) => {
    visits.push(`${method} ${url}`);
    response.end(url === "/open/page" ? "page" : canary);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, visits };
}
