import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { showCall } from "../../gateway/audit/read.ts";
import { createLog } from "../../gateway/http/log.ts";
import { emptyEnvironment } from "../../gateway/secrets/environment.ts";
import { changeSecretsFile, secretsPlace } from "../../gateway/secrets/secrets-file.ts";
import { serve } from "../../gateway/serve.ts";
import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { holds, needleOf } from "../../manifests/reflection.ts";
import { descendants } from "../support/processes.ts";
import { openTestGateway, recordHolds, type TestGateway } from "../support/test-gateway.ts";
import { listen } from "./broker-fetch-fixtures.ts";

// Rings 6 to 10: where the value of a secret is while and after a call sends it. Nowhere but at the
// server that it is bound to.

/** Put together here: the sources of this test are in the memory of processes, too. */
const canary = ["cNry7Qp41", "x0VmT4zz", "Kd83jw"].join("");
const needles = [needleOf(canary, "")];
const place = { header: "authorization", prefix: "Bearer " };

interface Desk extends TestGateway {
  /** What reached the server as `Authorization`. */
  readonly heard: string[];
}

interface DeskOptions {
  /** Of the tool; `url` and `handle` are there. */
  readonly code: string;
  readonly principals?: readonly string[];
  readonly answer?: RequestListener;
}

/** A gateway with a tool of the deployment, which signs in at a server on loopback. */
async function openDesk(
  t: Test,
  { code, principals = ["alice"], answer }: DeskOptions,
): Promise<Desk> {
  const heard: string[] = [];
  const port = await listen(
    t,
    createServer((request, response) => {
      heard.push(String(request.headers["authorization"]));
      if (answer) answer(request, response);
      else response.end(`you are ${request.headers["authorization"]}`);
    }),
  );
  const tools = mkdtempSync(join(tmpdir(), "ringward-desk-"));
  t.teardown(() => rmSync(tools, { recursive: true }));
  const begin = `const url = "http://desk.test:${port}/"; const handle = await host.secret("desk");`;
  await writeFile(
    join(tools, "desk.ts"),
    `export async function run(args, host) { ${begin} ${code} }`,
  );
  await writeFile(join(tools, "desk.yaml"), JSON.stringify(manifestOf(port)));
  const rule = '@id("all") @reason("Nothing here is about policy.")';
  await writeFile(join(tools, "all.cedar"), `${rule}\npermit (principal, action, resource);`);
  const hosts = { "desk.test": "127.0.0.1" };
  const at = await openTestGateway(t, { manifests: [tools], policies: [tools], hosts });
  const to = {
    scheme: "http",
    host: "desk.test",
    ports: [port],
    methods: ["GET"],
    path: "/",
  } as const;
  const binding = { tools: ["desk.ask"], principals, to, place };
  const stored = { name: "desk", value: canary, createdAt: 1, changedAt: 1, binding };
  await changeSecretsFile(secretsPlace(at.gateway.config, emptyEnvironment), async () => [stored]);
  return { ...at, heard };
}

function manifestOf(port: number): JsonObject {
  const net = { scheme: "http", host: "desk.test", ports: [port], addresses: ["127.0.0.0/8"] };
  return {
    ...{ apiVersion: "ringward/v1", kind: "Tool", name: "desk.ask", version: "1.0.0" },
    description: "Asks the desk.",
    input: {
      type: "object",
      additionalProperties: false,
      properties: { way: { type: "integer" } },
    },
    effects: ["read", "external"],
    output: { schema: true },
    permissions: { net: [net] },
    secrets: { desk: place },
    limits: { wallMs: 20_000, cpuMs: 5_000 },
    run: { js: "./desk.ts" },
  };
}

/** All that the gateway tells, writes down or keeps of a call, opened where it is sealed. */
async function kept(
  { folder, gateway }: Desk,
  answer: CallAnswer,
): Promise<readonly [string, string][]> {
  const state = join(folder, "state");
  const files = readdirSync(state, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    try {
      return [[name, readFileSync(join(state, name), "latin1")] as [string, string]];
    } catch {
      return [];
    }
  });
  return [
    ["the answer", JSON.stringify(answer)],
    ["the record and its payloads", JSON.stringify(await showCall(state, answer.id))],
    ["the tools", JSON.stringify([...gateway.deps.tools.values()])],
    ...files,
  ];
}

async function recordOf(desk: Desk, answer: CallAnswer): Promise<string | undefined> {
  return (await kept(desk, answer))[1]?.[1];
}

/** Whether a process holds the text in memory that it can write; undefined where we may not look. */
function remembers(pid: number, text: string): boolean | undefined {
  try {
    const memory = openSync(`/proc/${pid}/mem`, "r");
    try {
      return writableRanges(pid).some(([from, to]) => rangeHolds(memory, { from, to, text }));
    } finally {
      closeSync(memory);
    }
  } catch {
    return undefined;
  }
}

function writableRanges(pid: number): readonly (readonly [number, number])[] {
  const maps = readFileSync(`/proc/${pid}/maps`, "utf8");
  return [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)].map(([, from = "", to = ""]) => [
    Number.parseInt(from, 16),
    Number.parseInt(to, 16),
  ]);
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function rangeHolds(memory: number, { from, to, text }: Range): boolean {
  const chunk = Buffer.alloc(4 * 1_048_576);
  const forms = [Buffer.from(text, "latin1"), Buffer.from(text, "utf16le")];
  for (let at = from; at < to; at += chunk.length - 256) {
    try {
      const bytes = readSync(memory, chunk, 0, Math.min(chunk.length, to - at), at);
      const read = chunk.subarray(0, bytes);
      if (forms.some((form) => read.includes(form))) return true;
    } catch {
      // Reserved, and not there yet.
    }
  }
  return false;
}

test("the value of a secret is at its server, and in nothing that is told, written or remembered", async (t) => {
  const workers: (boolean | undefined)[] = [];
  const desk = await openDesk(t, {
    code: `
      const headers = { authorization: handle };
      const first = await host.fetch({ url, headers });
      host.log(JSON.stringify(first));
      const second = await host.fetch({ url: url + "look" });
      return { first, second, marker: ["mark", "er-of-the-", "guest"].join("") };`,
    answer: (request, response) => {
      if (request.url === "/look") {
        const pids = descendants(process.pid);
        workers.push(...pids.map((pid) => remembers(pid, canary)));
        const guests = pids.map((pid) => remembers(pid, "the-desk-says"));
        if (guests.some((seen) => seen !== undefined)) t.ok(guests.includes(true), "we look well");
      }
      response
        .setHeader("x-echo", canary)
        .end(`the-desk-says ${Buffer.from(canary).toString("base64")}`);
    },
  });
  const session = await desk.open();
  const answer = await session.propose("desk.ask");
  t.match(answer, { status: "completed", output: { second: { body: /\[redacted:desk\]/ } } });
  t.strictSame(desk.heard, [`Bearer ${canary}`, "undefined"]);
  t.notOk(workers.includes(true), "no worker has ever had it");
  for (const [what, text] of await kept(desk, answer)) t.notOk(holds(text, needles), what);
  t.match(
    await recordOf(desk, answer),
    '"secrets":["desk"]',
    "which one was sent is in the record",
  );
  t.match(await session.propose("js.run", { code: "return 1" }), { output: 1 });
  await recordHolds(t, desk, 2);
});

const misuses: Readonly<Record<string, string>> = {
  "its output": "return { handle };",
  "its log": "host.log(handle); return 1;",
  "an error": "throw new Error('x' + handle);",
  "an encoded output": "return [...handle].map((c) => c.charCodeAt(0).toString(16)).join('');",
  "a place that is not its own, and hides the refusal":
    "try { await host.fetch({ url: url + handle }); } catch {} return 'nothing happened';",
};
test("a tool that puts the handle elsewhere ends as SECRET_MISUSED, whatever it does then", async (t) => {
  const ways = Object.values(misuses).map((code, way) => `if (args.way === ${way}) { ${code} }`);
  const desk = await openDesk(t, { code: ways.join(""), principals: ["*"] });
  for (const [way, name] of Object.keys(misuses).entries()) {
    const session = await desk.open({ principal: `user-${way}` });
    const answer = await session.propose("desk.ask", { way });
    t.match(answer, { status: "refused", ring: "broker", code: "SECRET_MISUSED" }, name);
    t.match(await recordOf(desk, answer), '"code":"SECRET_MISUSED"', "and stands in the record");
    t.match(await session.propose("js.run", { code: "return 1" }), { output: 1 });
  }
  const other = await desk.open({ principal: "bob" });
  t.match(await other.propose("js.run", { code: "return 2" }), { output: 2 });
  t.strictSame(desk.heard, []);
  await recordHolds(t, desk, Object.keys(misuses).length * 2 + 1);
});

test("a misuse stands out in the gateway's log, and neither value nor handle is in it", async (t) => {
  const desk = await openDesk(t, { code: "return { handle };" });
  const lines: string[] = [];
  const log = createLog({ level: "error", write: (line) => lines.push(line) });
  const served = await serve(desk.gateway, { log, behindProxy: false });
  t.teardown(() => served.close());
  const { id, token } = await desk.open();
  const answer = await fetch(`${served.agentsUrl}/v1/sessions/${id}/calls`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ tool: "desk.ask", arguments: {} }),
  });
  t.match(await answer.text(), "SECRET_MISUSED");
  t.match(
    lines.map((line) => JSON.parse(line)),
    [{ msg: "call", code: "SECRET_MISUSED", session: id }],
  );
  t.notOk(holds(lines.join(""), needles));
  t.notMatch(lines.join(""), /secret-[a-z2-7]{40}/);
});

test("another principal, or a session that may not go there, has no secret", async (t) => {
  const desk = await openDesk(t, { code: "return (await host.fetch({ url })).body;" });
  const bob = await desk.open({ principal: "bob" });
  t.match(await bob.propose("desk.ask"), { code: "SECRET_DENIED", ring: "broker" });
  const narrow = await desk.open({ permissions: { net: [], fs: [] } });
  t.match(await narrow.propose("desk.ask"), { code: "PERMISSION_EXCEEDED" });
  t.strictSame(desk.heard, []);
  t.match(await (await desk.open()).propose("desk.ask"), { output: "you are undefined" });
});

test("secrets that cannot be read refuse the call before anything is used up", async (t) => {
  const desk = await openDesk(t, { code: "return 1;" });
  await writeFile(join(desk.folder, "state", "secrets.sealed"), "not sealed");
  const session = await desk.open();
  const answer = await session.propose("desk.ask");
  t.match(answer, { status: "refused", code: "SECRET_UNAVAILABLE" });
  t.notMatch(JSON.stringify(answer), desk.folder);
  t.match(await recordOf(desk, answer), /no file of secrets that this version reads/);
  t.match(await session.propose("js.run", { code: "return 1" }), { output: 1 });
});
