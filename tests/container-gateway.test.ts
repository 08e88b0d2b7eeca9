// Calls in containers through the whole gateway, and what the record says of them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { replayCall } from "../gateway/replay/replay-call.ts";
import type { JsonObject } from "../manifests/json.ts";
import { openContainerGateway, type TestTools } from "./support/container-gateway.ts";
import { engineFor, gvisorFor } from "./support/engine.ts";
import { recordHolds, type TestGateway, type TestSession } from "./support/test-gateway.ts";

test("a call completes in a container, and the record names all that it ran in", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const at = await openContainerGateway(t, engine, {
    tools: { "sh.run": {} },
    tiers: ["container"],
  });
  const session = await at.open();
  const answer = await session.propose("sh.run", { command: "id -u" });
  t.match(answer, { status: "completed", output: "65532 ", tier: "container" });
  const image = at.gateway.deps.tools.get("sh.run")?.image;
  t.match(await factsOf(at, "intent"), [{ sandbox: { tier: "container", image } }]);
  const [ran] = await factsOf(at, "end");
  t.match(ran, { tier: "container", launcher: /^runc/, image, container: /^[0-9a-f]{64}$/ });
  const proofs = await listRecords(stateOf(at), { kind: "event.tier.proved" });
  t.ok(proofs.some(({ details }) => details?.["digest"] === ran?.["proof"]));
  t.match(await session.propose("js.run", { code: "return 1" }), { tier: "isolate" });

  const again = { folder: stateOf(at), by: "test", signal: new AbortController().signal };
  await t.rejects(replayCall(answer.id, at.gateway.deps, again), {
    message: "it ran in the tier `container`, of which no recording is kept",
  });
  await recordHolds(t, at, 2);
});

const gvisor = { tier: "gvisor" };
const container = { tier: "container" };
const escalating: TestTools = {
  "sh.plain": {},
  "sh.wary": { sandbox: { ...container, escalate: { untrusted: "gvisor" } } },
  "sh.coded": { sandbox: { ...container, escalate: { code: "gvisor" } } },
  "sh.strict": { sandbox: gvisor },
};

const raising = `
@id("note-raises") @reason("r") @tier("gvisor")
forbid (principal, action, resource) when { context.args has note && context.args.note == "raise" };
@id("note-lowers-nothing") @reason("r") @tier("container")
forbid (principal, action, resource) when { context.args has note };
`;

test("a call runs in the strongest tier that manifest, provenance and policy name, and in no other", async (t) => {
  const engine = await gvisorFor(t);
  if (!engine) return;
  const at = await openContainerGateway(t, engine, { tools: escalating, policies: raising });
  const clean = await at.open();
  const tainted = await at.open({ task: "take the note that I have written" });
  await taint(at, tainted);
  const said = { note: "the note that I have written" };
  const raise = { note: "raise" };
  const cases: readonly (readonly [TestSession, string, JsonObject, string])[] = [
    [clean, "sh.plain", {}, "container"],
    [clean, "sh.plain", { command: "uname -r" }, "container"],
    [clean, "sh.plain", raise, "gvisor"],
    [tainted, "sh.plain", said, "container"],
    [clean, "sh.wary", said, "container"],
    [tainted, "sh.wary", said, "gvisor"],
    [tainted, "sh.wary", raise, "gvisor"],
    [clean, "sh.coded", said, "container"],
    [clean, "sh.coded", { command: "uname -r" }, "gvisor"],
    [clean, "sh.strict", said, "gvisor"],
  ];
  const kernels = new Map<unknown, Set<unknown>>([
    ["container", new Set()],
    ["gvisor", new Set()],
  ]);
  for (const [session, tool, args, tier] of cases) {
    const answer = await session.propose(tool, args);
    t.match(answer, { status: "completed", tier }, `${tool} ${JSON.stringify(args)}`);
    kernels.get(answer.tier)?.add(answer.output);
  }
  const [host, own] = [...kernels.values()].map((seen) => [...seen]);
  t.equal(host?.length, 1);
  t.equal(own?.length, 1, "each call of a tier has found one and the same kernel");
  t.not(host?.[0], own?.[0], "and that of the other tier is another one");
  const tiers = cases.map(([, , , tier]) => tier);
  const grants = (await factsOf(at, "intent")).map(({ sandbox }) => tierOf(sandbox)).slice(1);
  t.strictSame(grants, tiers, "as its grant says");
  t.strictSame((await factsOf(at, "end")).map(tierOf).slice(1), tiers, "as it ran");
  await recordHolds(t, at, cases.length + 1);
});

test("a tier that is not offered is refused: nothing runs, and nothing is used up", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const budget = { perSession: 1 };
  const tools: TestTools = { "sh.coded": { ...escalating["sh.coded"], budget } };
  const at = await openContainerGateway(t, engine, { tools, tiers: ["container"] });
  const session = await at.open();
  const refused = await session.propose("sh.coded", { command: "id -u" });
  t.match(refused, { status: "refused", ring: "sandbox", code: "SANDBOX_UNAVAILABLE" });
  t.strictSame(await factsOf(at, "intent"), [], "no grant");
  t.match(await session.propose("sh.coded", {}), { status: "completed", tier: "container" });
  t.match(await session.propose("sh.coded", {}), { code: "BUDGET_EXHAUSTED" });
  await recordHolds(t, at, 3);
});

test("an image that was never built, or is gone, is its own refusal", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const command = ["/bin/sh"];
  const at = await openContainerGateway(t, engine, {
    tools: {
      "sh.unbuilt": { run: { image: "python", command }, budget: { perSession: 1 } },
      "sh.gone": { run: { image: `sha256:${"0".repeat(64)}`, command } },
    },
    tiers: ["container"],
  });
  const session = await at.open();
  for (let call = 0; call < 2; call += 1) {
    t.match(await session.propose("sh.unbuilt"), { code: "IMAGE_UNAVAILABLE" });
  }
  t.strictSame(await factsOf(at, "intent"), [], "nothing was used up");
  t.match(await session.propose("sh.gone"), { status: "refused", code: "IMAGE_UNAVAILABLE" });
  await recordHolds(t, at, 3);
});

test("programs that die by a signal freeze whom crashes of any sandbox freeze", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const at = await openContainerGateway(t, engine, {
    tools: { "sh.run": {} },
    tiers: ["container"],
    config: { signals: { crashes: { limit: 2 } } },
  });
  const session = await at.open();
  for (let call = 0; call < 2; call += 1) {
    t.match(await session.propose("sh.run", { command: "kill -SEGV -1" }), {
      code: "SANDBOX_CRASH",
    });
  }
  t.match(await session.propose("sh.run"), { code: "FROZEN" });
  await recordHolds(t, at, 3);
});

function stateOf({ folder }: TestGateway): string {
  return join(folder, "state");
}

/** What a stranger wrote is read. */
async function taint({ workspace }: TestGateway, session: TestSession): Promise<void> {
  writeFileSync(join(workspace, "a.txt"), "a stranger's");
  await session.propose("files.read", { path: "a.txt" });
}

/** What stands on record: of an intent its grant, of an end what is said of the sandbox. */
async function factsOf(at: TestGateway, kind: "intent" | "end"): Promise<readonly JsonObject[]> {
  const records = await listRecords(stateOf(at), { kind });
  return records.toReversed().flatMap(({ details }) => {
    if (kind === "intent") return [details?.["grant"] as JsonObject];
    const trace = details?.["trace"] as readonly JsonObject[];
    return trace.filter(({ control }) => control === "sandbox");
  });
}

function tierOf(facts: unknown): unknown {
  return (facts as JsonObject)["tier"];
}
