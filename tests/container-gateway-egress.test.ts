// From a program in a container out into the world, through everything that is between.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import tap, { type Test, test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { containerLimits } from "../manifests/container-limits.ts";
import type { JsonObject } from "../manifests/json.ts";
import { type ContainerTier, containerTiers } from "../manifests/tier.ts";
import {
  openContainerGateway,
  recordedSandboxes,
  serverScript,
  stateOf,
  type TestTools,
} from "./support/container-gateway.ts";
import { engineFor, engineWith, type TestEngine } from "./support/engine.ts";
import { recordHolds, type TestGateway, type TestSession } from "./support/test-gateway.ts";
import { testImages } from "./support/test-images.ts";

tap.setTimeout(110_000);

for (const tier of containerTiers) {
  test(`a program reaches what its manifest permits, and nothing else: ${tier}`, async (t) => {
    const engine = await engineWith(t, tier);
    if (engine) await goesOut(t, engine, tier);
  });
}

test("a bug on the way out stands in the record, and nothing of it in the answer", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const page = await startPage(t);
  const at = await openContainerGateway(t, engine, {
    tools: toolsFor("container", page.port),
    images: await testImages(engine, ["shell"]),
    tiers: ["container"],
    config: { hosts: { "page.test": "127.0.0.1" } },
  });
  t.intercept(containerLimits, "egressBytes", {
    get: (): never => {
      throw new Error("what nobody thought of");
    },
    configurable: true,
  });
  const command = `wget -q -t 1 --content-on-error -O - http://page.test:${page.port}/`;
  const answer = await withApproval(at, await at.open(), { tool: "sh.out", args: { command } });
  t.match(answer, { status: "completed", output: { stdout: /INTERNAL/ } });
  t.notMatch(JSON.stringify(answer), "nobody thought of");
  const bugs = await listRecords(stateOf(at), { kind: "event.bug" });
  t.match(bugs, [{ details: { where: "container tiers", what: /nobody thought of/ } }]);
});

async function goesOut(t: Test, engine: TestEngine, tier: ContainerTier): Promise<void> {
  const page = await startPage(t);
  const at = await openContainerGateway(t, engine, {
    tools: toolsFor(tier, page.port),
    images: await testImages(engine, ["shell"]),
    tiers: [tier],
    config: { hosts: { "page.test": "127.0.0.1", "other.test": "127.0.0.1" } },
  });
  const session = await at.open();
  const propose = (tool: string, args: JsonObject): Promise<object> =>
    withApproval(at, session, { tool, args });
  const command = (host: string): string => `wget -q -T 5 -t 1 -O - http://${host}:${page.port}/`;
  const there = await propose("sh.out", { command: command("page.test") });
  t.match(there, { status: "completed", tier, output: { exitCode: 0, stdout: "the page" } });
  const direct = `unset http_proxy; ${command("127.0.0.1")}`;
  for (const away of [command("other.test"), command("127.0.0.1"), direct]) {
    const answer = await propose("sh.out", { command: away });
    t.match(answer, { status: "completed", output: { exitCode: /^[48]$/, stdout: "" } }, away);
  }
  const inside = await session.propose("sh.in", { command: command("page.test") });
  t.match(
    inside,
    { status: "completed", output: { exitCode: 4, stdout: "" } },
    "without a way out",
  );
  t.equal(page.asked(), 1, "nobody else came to the page");
  for (const [host, output] of [
    ["page.test", "the page"],
    ["other.test", ""],
    ["page.test", "the page"],
  ] as const) {
    const answer = await propose("sh.stays", { command: command(host) });
    t.match(answer, { status: "completed", output }, "and so does one that stays");
  }
  t.equal(page.asked(), 3);
  t.match((await recordedSandboxes(at))[0], { tier });
  await recordHolds(t, at, 15);
}

/** Policy asks a person what a command may do outside. */
async function withApproval(
  at: TestGateway,
  session: TestSession,
  { tool, args }: { readonly tool: string; readonly args: JsonObject },
): Promise<object> {
  const { approval = "" } = await session.propose(tool, args);
  const by = { actor: "op", principal: "op" };
  await at.gateway.deps.store.approvals.answer(approval, "approved", by);
  return await session.propose(tool, args, { approval });
}

interface Page {
  readonly port: number;
  asked(): number;
}

async function startPage(t: Test): Promise<Page> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end("the page");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

function toolsFor(tier: ContainerTier, port: number): TestTools {
  const common = {
    run: { image: "shell", command: ["/ringward/run", "shell"] },
    effects: ["read"],
    output: { schema: true },
    sandbox: { tier },
  };
  const way = { scheme: "http", host: "page.test", ports: [port], methods: ["GET"] };
  const net = [{ ...way, addresses: ["127.0.0.0/8"] }];
  return {
    "sh.out": { ...common, effects: ["read", "external"], permissions: { net } },
    "sh.in": common,
    "sh.stays": {
      ...common,
      effects: ["read", "external"],
      permissions: { net },
      run: {
        ...{ image: "shell", lifecycle: "service" },
        command: ["/ringward/run", "serve", "/bin/sh", "-c", serverScript],
      },
    },
  };
}
