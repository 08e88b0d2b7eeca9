// Rings 2 to 9: what stands for a redacted value. The agent passes it on; the value goes only where
// policy allows, and comes back to nobody.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { openStore } from "../../gateway/store/open-store.ts";
import { tokenLimits } from "../../manifests/token-limits.ts";
import { root } from "../support/source-files.ts";
import {
  openTestGateway,
  recordHolds,
  type TestGateway,
  type TestSession,
} from "../support/test-gateway.ts";

const value = "kR7vQ2mX9tB4zN8w";
const url = "https://hooks.example.com/in";
const task = `Read the settings, write settings.txt, and post to ${url}.`;

/** The shipped policies, and one more. */
function policiesWith(t: Test, more: string): string {
  const folder = join(t.testdirName, "..", `${t.name.replace(/\W+/g, "-")}-policies`);
  mkdirSync(folder, { recursive: true });
  for (const name of ["workspace.cedar", "external.cedar"]) {
    copyFileSync(join(root, "policies", name), join(folder, name));
  }
  writeFileSync(join(folder, "more.cedar"), `@id("more") @reason("For this test.")\n${more}`);
  return folder;
}

const intoFiles = `permit (principal, action == Action::"files.write", resource)
  when { context has tokens && context.tokens.kinds.contains("secret:token") &&
    context.tokens.roles == ["content"] };`;
const intoHooks = `permit (principal, action == Action::"webhook.post", resource)
  when { context has tokens };`;

/** A tool says the value; the agent is handed this. */
async function redacted(session: TestSession, said = value): Promise<string> {
  const pieces = JSON.stringify([said.slice(0, 5), said.slice(5)]);
  const code = `return "api_key = '" + ${pieces}.join("") + "'"`;
  const { output } = await session.propose("js.run", { code });
  const [token = ""] = /\[redacted:[^\]]+\]/.exec(String(output)) ?? [];
  return token;
}

const written = ({ workspace }: TestGateway): string =>
  readFileSync(join(workspace, "settings.txt"), "utf8");

const write = (session: TestSession, text: string) =>
  session.propose("files.write", { path: "settings.txt", text });

test("as deployed", async (t) => {
  const at = await openTestGateway(t);

  await t.test(
    "a token keeps the kind, is the same for the same value, and another one in another session",
    async (t) => {
      const [one, other] = [await at.open(), await at.open()];
      const token = await redacted(one);
      t.match(token, /^\[redacted:token:[0-9a-f]{16}\]$/);
      t.equal(await redacted(one), token);
      t.not(await redacted(one, "zzq2Wn8Xv5Tb7Kd3"), token);
      t.not(await redacted(other), token);
    },
  );

  await t.test("no value is turned back where no policy allows it, here or outside", async (t) => {
    const session = await at.open({ task });
    const token = await redacted(session);
    const why = { code: "POLICY_DENIED", detail: /what was redacted/ };
    t.match(await write(session, `key: ${token}`), why);
    t.match(await session.propose("js.run", { code: "return input", input: token }), why);
    t.match(await session.propose("webhook.post", { url, body: token }), why);
    t.match(await session.propose("webhook.post", { url: `${url}?k=${token}`, body: "" }), why);
    t.strictSame(readdirSync(at.workspace), []);
  });

  await t.test(
    "what tokens stand for outlives the process, and is under the session alone",
    async (t) => {
      const session = await at.open();
      const id = (await redacted(session)).slice(-17, -1);
      const folder = join(at.folder, "state");
      const store = await openStore({ folder, writer: "cli", now: Date.now });
      t.teardown(() => store.close());
      t.match(await store.tokens.find(session.id, id), { id, kind: "secret:token", value });
      t.equal(await store.tokens.find((await at.open()).id, id), undefined);
    },
  );

  await recordHolds(t, at, 10);
});

test("where policy allows it", async (t) => {
  const at = await openTestGateway(t, { policies: [policiesWith(t, intoFiles)] });

  await t.test(
    "where policy allows it the tool is given the value, and what it says stays unread",
    async (t) => {
      const session = await at.open({ task });
      const token = await redacted(session);
      const answer = await write(session, `key: ${token}!`);
      t.equal(written(at), `key: ${value}!`);
      t.match(answer, { status: "completed", label: { confidentiality: "secret" } });
      t.match(JSON.stringify(answer), /reference_/);
      const { label } = (await at.gateway.deps.store.sessions.find(session.id)) ?? {};
      t.equal(label?.confidentiality, "secret", "what is sent on from here asks");
      for (const file of readdirSync(join(at.folder, "state"))) {
        t.notOk(readFileSync(join(at.folder, "state", file)).includes(value), file);
      }
    },
  );

  await t.test(
    "attack: a token of another session, a forged one and one of another kind are texts",
    async (t) => {
      const [session, other] = [await at.open({ task }), await at.open({ task })];
      const token = await redacted(session);
      for (const text of [
        await redacted(other),
        "[redacted:token:0123456789abcdef]",
        token.replace("token:", "password:"),
        token.replace("redacted", "REDACTED"),
        token.slice(0, -2),
      ]) {
        t.match(await write(session, text), { status: "completed" }, text);
        t.equal(written(at), text);
      }
    },
  );

  await t.test("attack: a role that policy does not name gets no value", async (t) => {
    const session = await at.open({ task });
    const token = await redacted(session);
    const answer = await session.propose("files.write", { path: token, text: "x" });
    t.match(answer, { status: "refused", code: "POLICY_DENIED" });
  });

  await t.test("attack: more tokens than one call may hold refuse it", async (t) => {
    const session = await at.open({ task });
    const token = await redacted(session);
    t.match(await write(session, `${token} `.repeat(tokenLimits.perCall + 1)), {
      code: "ARGUMENTS_INVALID",
    });
    t.match(await write(session, `${token} `.repeat(tokenLimits.perCall)), { status: "completed" });
  });

  await recordHolds(t, at, 14);
});

test("attack: a secret beside what a token stands for goes nowhere outside", async (t) => {
  const at = await openTestGateway(t, { policies: [policiesWith(t, intoHooks)] });
  const session = await at.open({ task });
  const token = await redacted(session);
  const other = `password = "Tr0ub4dor&3"`;
  const answer = await session.propose("webhook.post", { url, body: `${token} ${other}` });
  t.match(answer, { code: "SECRET_IN_ARGUMENTS" });
  t.notMatch(await session.propose("webhook.post", { url, body: token }), {
    code: "SECRET_IN_ARGUMENTS",
  });
});
