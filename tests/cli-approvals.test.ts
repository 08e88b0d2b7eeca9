import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Test, test } from "tap";
import { ringward } from "./support/command-line.ts";

const manifest = `apiVersion: ringward/v1
kind: Tool
name: note.send
version: 1.0.0
description: Sends a note.
input:
  type: object
  additionalProperties: false
  required: [to, text]
  properties: { to: { type: string, maxLength: 100 }, text: { type: string, maxLength: 1000 } }
roles: { to: destination, text: content }
effects: [external]
output: { schema: { type: string } }
run: { js: ./note-send.ts }
`;

const code = "export function run({ to }: { to: string }): string { return 'sent to ' + to; }\n";

async function deployment(t: Test): Promise<{ readonly folder: string }> {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  await writeFile(join(folder, "manifests", "note-send.yaml"), manifest);
  await writeFile(join(folder, "manifests", "note-send.ts"), code);
  return { folder };
}

function send(args: object, ...more: readonly string[]): readonly string[] {
  return ["call", "note.send", "--args", JSON.stringify(args), "--json", ...more];
}

const note = { to: "somebody@example.org", text: "hello \u001b[31m\u202eworld\u200b" };

test("a call that asks waits, is approved by a person, passes once, and only as it was", async (t) => {
  const where = await deployment(t);
  const asked = await ringward(send(note), where);
  t.equal(asked.code, 3, asked.stdout + asked.stderr);
  const { approval } = JSON.parse(asked.stdout);

  const listed = await ringward(["approvals", "list"], where);
  t.match(listed.stdout, approval);
  t.match(listed.stdout, "note.send");
  const early = await ringward(send(note, "--approval", approval), where);
  t.equal(early.code, 3, "it still waits");

  const approved = await ringward(["approvals", "approve", approval], where);
  t.equal(approved.code, 0, approved.stderr);
  t.match(approved.stdout, /^approved by local:/);

  const other = { ...note, to: "somebody.else@example.org" };
  const swapped = await ringward(send(other, "--approval", approval), where);
  t.equal(swapped.code, 1);
  t.match(JSON.parse(swapped.stdout), { status: "refused", code: "APPROVAL_MISMATCH" });

  const passed = await ringward(send(note, "--approval", approval), where);
  t.equal(passed.code, 0, passed.stdout + passed.stderr);
  t.match(JSON.parse(passed.stdout), { output: "sent to somebody@example.org" });

  const again = await ringward(send(note, "--approval", approval), where);
  t.match(JSON.parse(again.stdout), { status: "refused", code: "APPROVAL_MISMATCH" });
  const verified = await ringward(["audit", "verify"], where);
  t.equal(verified.code, 0, verified.stdout);
});

test("what a stranger wrote is shown in full, and nothing in it moves the terminal", async (t) => {
  const where = await deployment(t);
  const text = `${note.text} ${"x".repeat(500)} the end`;
  const asked = await ringward(send({ ...note, text }), where);
  const { approval } = JSON.parse(asked.stdout);
  const shown = await ringward(["approvals", "show", approval], where);
  t.equal(shown.code, 0, shown.stderr);
  t.match(shown.stdout, "hello \\u001b[31m\\u{202e}world\\u{200b}");
  t.match(shown.stdout, `${"x".repeat(500)} the end`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
  t.notMatch(shown.stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
});

test("a denied call is refused, and an answer is given once", async (t) => {
  const where = await deployment(t);
  const { approval } = JSON.parse((await ringward(send(note), where)).stdout);
  t.equal((await ringward(["approvals", "deny", approval], where)).code, 0);
  const again = await ringward(["approvals", "approve", approval], where);
  t.equal(again.code, 1);
  t.match(again.stderr, /denied already.+\[APPROVAL_MISMATCH\]\n$/);
  const denied = await ringward(send(note, "--approval", approval), where);
  t.match(JSON.parse(denied.stdout), { status: "refused", code: "APPROVAL_DENIED" });
});

test("an approval that does not exist is said to be unknown, by every command", async (t) => {
  const where = await deployment(t);
  for (const args of [
    ["approvals", "show", "approval_x"],
    ["approvals", "approve", "approval_x"],
    ["approvals", "deny", "approval_x"],
  ]) {
    const { code: exit, stderr } = await ringward(args, where);
    t.equal(exit, 1);
    t.match(stderr, /no such approval \(copy the id from the `list`/);
  }
  const { code: exit } = await ringward(send(note, "--approval", "approval_x"), where);
  t.equal(exit, 1);
});
