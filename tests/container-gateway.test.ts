// Calls in containers through the whole gateway, and what the record says of them.
import { type Test, test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { replayCall } from "../gateway/replay/replay-call.ts";
import {
  openContainerGateway,
  recordedGrants,
  recordedSandboxes,
  stateOf,
  type TestTools,
} from "./support/container-gateway.ts";
import { engineFor } from "./support/engine.ts";
import { recordHolds, type TestGateway } from "./support/test-gateway.ts";

const tools: TestTools = {
  "sh.run": {},
  "sh.coded": {
    sandbox: { tier: "container", escalate: { code: "gvisor" } },
    budget: { perSession: 1 },
  },
  "sh.unbuilt": { run: { image: "python", command: ["/bin/sh"] } },
  "sh.other": {},
  "sh.gone": { run: { image: `sha256:${"0".repeat(64)}`, command: ["/bin/sh"] } },
};

test("calls in containers", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const at = await openContainerGateway(t, engine, {
    tools,
    tiers: ["container"],
    config: { signals: { crashes: { limit: 2 } } },
  });
  for (const [what, check] of Object.entries(checks)) {
    await t.test(what, (inner) => check(inner, at));
  }
  await recordHolds(t, at, 12);
});

const checks: Readonly<Record<string, (t: Test, at: TestGateway) => Promise<void>>> = {
  "a call completes, and the record names all that it ran in": async (t, at) => {
    const session = await at.open();
    const answer = await session.propose("sh.run", { command: "id -u" });
    t.match(answer, { status: "completed", output: "65532 ", tier: "container" });
    const image = at.gateway.deps.tools.get("sh.run")?.image;
    t.match(await recordedGrants(at), [{ sandbox: { tier: "container", image } }]);
    const [ran] = await recordedSandboxes(at);
    t.match(ran, { tier: "container", launcher: /^runc/, image, container: /^[0-9a-f]{64}$/ });
    const proofs = await listRecords(stateOf(at), { kind: "event.tier.proved" });
    t.ok(proofs.some(({ details }) => details?.["digest"] === ran?.["proof"]));
    t.match(await session.propose("js.run", { code: "return 1" }), { tier: "isolate" });
  },

  "it is not run again: nothing says what its program did": async (t, at) => {
    const { id } = await (await at.open()).propose("sh.run");
    const options = { folder: stateOf(at), by: "test", signal: new AbortController().signal };
    await t.rejects(replayCall(id, at.gateway.deps, options), {
      message: "it ran in the tier `container`, of which no recording is kept",
    });
  },

  "a tier that is not offered is refused, and nothing is used up": async (t, at) => {
    const session = await at.open();
    const admitted = (await recordedGrants(at)).length;
    const refused = await session.propose("sh.coded", { command: "id -u" });
    t.match(refused, { status: "refused", ring: "sandbox", code: "SANDBOX_UNAVAILABLE" });
    t.match(refused.detail, /tier `gvisor` here: .* raised from `container`/);
    t.equal((await recordedGrants(at)).length, admitted, "no grant");
    t.match(await session.propose("sh.coded"), { status: "completed", tier: "container" });
    t.match(await session.propose("sh.coded"), { code: "BUDGET_EXHAUSTED" });
  },

  "an image that was never built is refused before anything is used up, one that is gone after":
    async (t, at) => {
      const session = await at.open();
      const admitted = (await recordedGrants(at)).length;
      t.match(await session.propose("sh.unbuilt"), { code: "IMAGE_UNAVAILABLE" });
      t.equal((await recordedGrants(at)).length, admitted);
      t.match(await session.propose("sh.gone"), { status: "refused", code: "IMAGE_UNAVAILABLE" });
      t.equal((await recordedGrants(at)).length, admitted + 1);
    },

  "another image than was granted is told nothing": async (t, at) => {
    const session = await at.open();
    const { tools: loaded } = at.gateway.deps;
    const tool = loaded.get("sh.other");
    // As if the launcher had been started with other images than the gateway.
    (loaded as Map<string, unknown>).set("sh.other", {
      ...tool,
      image: `sha256:${"1".repeat(64)}`,
    });
    t.match(await session.propose("sh.other"), { status: "refused", code: "IMAGE_MISMATCH" });
  },

  "programs that die by a signal freeze whom crashes of any sandbox freeze": async (t, at) => {
    const session = await at.open({ principal: "mallory" });
    const crash = { command: "kill -SEGV -1" };
    for (let call = 0; call < 2; call += 1) {
      t.match(await session.propose("sh.run", crash), { code: "SANDBOX_CRASH" });
    }
    t.match(await session.propose("sh.run"), { code: "FROZEN" });
  },
};
