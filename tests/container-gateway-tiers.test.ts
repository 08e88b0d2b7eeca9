// Which tier a call runs in: as its grant says, as it ran, and as its kernel shows.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import type { JsonObject } from "../manifests/json.ts";
import {
  openContainerGateway,
  recordedGrants,
  recordedSandboxes,
  type TestTools,
} from "./support/container-gateway.ts";
import { gvisorFor } from "./support/engine.ts";
import { recordHolds, type TestGateway, type TestSession } from "./support/test-gateway.ts";

const tools: TestTools = {
  "sh.plain": {},
  "sh.wary": { sandbox: { tier: "container", escalate: { untrusted: "gvisor" } } },
  "sh.coded": { sandbox: { tier: "container", escalate: { code: "gvisor" } } },
  "sh.strict": { sandbox: { tier: "gvisor" } },
};

const policies = `
@id("note-raises") @reason("r") @tier("gvisor")
forbid (principal, action, resource) when { context.args has note && context.args.note == "raise" };
@id("note-lowers-nothing") @reason("r") @tier("container")
forbid (principal, action, resource) when { context.args has note };
`;

const said = { note: "said" };
const raise = { note: "raise" };
const code = { command: "uname -r" };

/** In a session that has read a stranger's text, or in one that has not. */
const cases: readonly (readonly ["clean" | "tainted", string, JsonObject, string])[] = [
  ["clean", "sh.plain", {}, "container"],
  ["clean", "sh.plain", code, "container"],
  ["clean", "sh.plain", raise, "gvisor"],
  ["tainted", "sh.plain", said, "container"],
  ["clean", "sh.wary", said, "container"],
  ["tainted", "sh.wary", said, "gvisor"],
  ["tainted", "sh.wary", raise, "gvisor"],
  ["clean", "sh.coded", said, "container"],
  ["clean", "sh.coded", code, "gvisor"],
  ["clean", "sh.strict", said, "gvisor"],
];

test("a call runs in the strongest tier that manifest, labels and policy name, and in no other", async (t) => {
  const engine = await gvisorFor(t);
  if (!engine) return;
  const at = await openContainerGateway(t, engine, { tools, policies });
  const bob = await tainted(at);
  const kernels: Record<string, Set<unknown>> = { container: new Set(), gvisor: new Set() };
  for (const [index, [session, tool, args, tier]] of cases.entries()) {
    // What a call hands back taints its session, and the others of its principal.
    const caller = session === "tainted" ? bob : await at.open({ principal: `clean-${index}` });
    const answer = await caller.propose(tool, args);
    t.match(answer, { status: "completed", tier }, `${session} ${tool} ${JSON.stringify(args)}`);
    kernels[answer.tier ?? ""]?.add(answer.output);
  }
  const seen = Object.values(kernels).map((releases) => [...releases]);
  t.strictSame(
    seen.map(({ length }) => length),
    [1, 1],
    "all calls of a tier have found one kernel",
  );
  t.not(seen[0]?.[0], seen[1]?.[0], "and those of the other tier another one");
  const tiers = ["isolate", ...cases.map(([, , , tier]) => tier)];
  t.strictSame(
    (await recordedGrants(at)).map(({ sandbox }) => tierOf(sandbox)),
    tiers,
  );
  t.strictSame((await recordedSandboxes(at)).map(tierOf), tiers);
  await recordHolds(t, at, tiers.length);
});

/** A session that has read a stranger's text. */
async function tainted({ workspace, open }: TestGateway): Promise<TestSession> {
  const session = await open({ principal: "bob" });
  writeFileSync(join(workspace, "a.txt"), "a stranger's");
  await session.propose("files.read", { path: "a.txt" });
  return session;
}

function tierOf(facts: unknown): unknown {
  return (facts as JsonObject)["tier"];
}
