// Code of ours that a call carries into a container.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import {
  openContainerGateway,
  policyFolders,
  recordedGrants,
  toolsFolder,
} from "./support/container-gateway.ts";
import { engineFor } from "./support/engine.ts";
import { openTestGateway, recordHolds } from "./support/test-gateway.ts";
import { testImages } from "./support/test-images.ts";

const policies = `
@id("noted-in-container") @reason("r") @tier("container")
forbid (principal, action == Action::"js.run", resource)
when { resource.tainted };
`;

const tools = {
  "note.plain": { run: { js: "./note.js" }, sandbox: {} },
  "note.coded": {
    run: { js: "./note.js" },
    permissions: { fs: [{ path: "notes/**", access: "read" }] },
    sandbox: { escalate: { code: "container" } },
  },
};

test("a tool of ours gives the same answer in an isolate and in a container, and can do no more there", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const images = await testImages(engine, ["node"]);
  const parts = { tools, images, policies, tiers: ["container"] };
  const at = await openContainerGateway(t, engine, parts);
  const session = await at.open();
  const note = { note: "a note" };
  t.match(await session.propose("note.coded", note), { output: "a note", tier: "isolate" });
  const raised = await session.propose("note.coded", { ...note, command: "" });
  t.match(raised, { status: "completed", output: "a note", tier: "container" });
  const astray = { note: "else/where.txt" };
  t.match(await session.propose("note.coded", astray), { code: "FILES_DENIED" });
  const there = await session.propose("note.coded", { ...astray, command: "" });
  t.match(there, { code: "FILES_DENIED" });

  writeFileSync(join(at.workspace, "a.txt"), "a stranger's");
  await session.propose("files.read", { path: "a.txt" });
  const code = { code: "return [typeof process, typeof require, 6 * 7]" };
  const answer = await session.propose("js.run", code);
  t.match(answer, { output: ["undefined", "undefined", 42], tier: "container" });
  t.match(await session.propose("note.plain", note), { tier: "isolate" });
  const places = (await recordedGrants(at)).map(({ sandbox }) => sandbox);
  const isolate = { tier: "isolate", image: undefined };
  const container = { tier: "container", image: images.node };
  t.match(places, [isolate, container, isolate, container, isolate, container, isolate]);
  await recordHolds(t, at, 7);
});

test("a person is shown the tier that a call asks for, and the approval is good for no other", async (t) => {
  const ask = `${policies}
    @id("asks") @reason("r") @ask("May it?")
    forbid (principal, action == Action::"js.run", resource);`;
  const at = await openTestGateway(t, { policies: policyFolders(toolsFolder(t, {}), ask) });
  const session = await at.open();
  const code = { code: "return 1" };
  const pending = await session.propose("js.run", code);
  const { approvals } = at.gateway.deps.store;
  const id = pending.approval ?? "";
  t.match(await approvals.find(id), { shown: { tier: "isolate" } });
  await approvals.answer(id, "approved", { actor: "op", principal: "op" });
  writeFileSync(join(at.workspace, "a.txt"), "a stranger's");
  await session.propose("files.read", { path: "a.txt" });
  t.match(await session.propose("js.run", code, { approval: id }), { code: "APPROVAL_MISMATCH" });
  const anew = await session.propose("js.run", code);
  t.match(await approvals.find(anew.approval ?? ""), { shown: { tier: "container" } });
});
