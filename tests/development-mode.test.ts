import { join } from "node:path";
import { type Test, test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { createLog } from "../gateway/http/log.ts";
import { serve } from "../gateway/serve.ts";
import type { Jail } from "../sandbox/isolate/jail/jail.ts";
import { openTestGatewayOn, recordHolds, type TestGateway } from "./support/test-gateway.ts";

const code = { code: "return 6 * 7" };

test("in production nothing runs without walls, and the doors say so", async (t) => {
  const at = await openTestGatewayOn(t, { launchers: [] });
  const lines = await open(t, at);
  const answer = await (await at.open()).propose("js.run", code);
  t.match(answer, { status: "refused", code: "SANDBOX_UNAVAILABLE" });
  t.equal((await ask(lines.url, "/readyz")).status, 503);
  t.ok(
    lines.some((line) => line.includes("the tier is not offered") && line.includes('"level":50')),
  );
  await recordHolds(t, at, 1);
});

test("in development, where no launcher is, calls run without walls, and everything says so", async (t) => {
  const at = await openTestGatewayOn(t, { launchers: [] }, { mode: "development" });
  const lines = await open(t, at);
  const session = await at.open();
  const answer = await session.propose("js.run", code);
  t.match(answer, { status: "completed", output: 42 });
  t.match(await ask(lines.url, "/readyz"), {
    status: 200,
    body: { status: "ready", mode: "development", unwalled: ["isolate"] },
  });
  const spins = await session.propose("js.run", { code: "for (;;);" });
  t.equal(spins.status, "refused", `ended all the same: ${spins.code}`);
  t.match(await session.propose("js.run", code), { output: 42 });
  for (const kind of ["intent", "end"]) {
    for (const record of await listRecords(join(at.folder, "state"), { kind })) {
      t.match(record.details, { mode: "development", unwalled: ["isolate"] }, kind);
    }
  }
  t.ok(lines.some((line) => line.includes("the tier has no walls")));
  const after = lines.slice(lines.findIndex((line) => line.includes("the tier has no walls")));
  t.ok(after.every((line) => line.includes('"mode":"development"')));
  t.ok(after.every((line) => line.includes('"unwalled":["isolate"]')));
  await recordHolds(t, at, 3);
});

test("what was decided at the start is not decided again", async (t) => {
  const launchers: ("bubblewrap" | "util-linux")[] = [];
  const at = await openTestGatewayOn(t, { launchers }, { mode: "development" });
  const [first] = await at.gateway.selfProof.proofs();
  t.equal(first?.isWalled, false);
  launchers.push("util-linux");
  const [second] = await at.gateway.selfProof.prove();
  t.equal(second?.isWalled, false);
  t.match(second?.launcher, undefined);
});

test("a jail that cannot be built any more is no reason to do without one", async (t) => {
  let isGone = false;
  const alter = (jail: Jail): Jail => (isGone ? refusing : jail);
  const at = await openTestGatewayOn(t, { alter }, { mode: "development" });
  await at.gateway.selfProof.proofs();
  isGone = true;
  const [proof] = await at.gateway.selfProof.prove();
  t.match(proof, { offered: false, isWalled: true });
  t.match(await (await at.open()).propose("js.run", code), { code: "SANDBOX_UNAVAILABLE" });
});

const refusing: Jail = {
  file: "/bin/sh",
  args: ["-c", "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1"],
};

test("a machine that refuses namespaces has no jail: development does without, production stops", async (t) => {
  for (const mode of ["development", "production"] as const) {
    const at = await openTestGatewayOn(t, { alter: () => refusing }, { mode });
    const [proof] = await at.gateway.selfProof.proofs();
    const isDevelopment = mode === "development";
    t.match(proof, { offered: isDevelopment, isWalled: !isDevelopment });
    t.match(proof?.walls, [{ holds: false, measured: /Operation not permitted/ }]);
  }
});

test("a jail that fails for another reason is not done without", async (t) => {
  const crashing = { ...refusing, args: ["-c", "echo 'Segmentation fault' >&2; exit 139"] };
  const at = await openTestGatewayOn(t, { alter: () => crashing }, { mode: "development" });
  t.match(await at.gateway.selfProof.proofs(), [{ offered: false, isWalled: true }]);
});

test("development mode listens on loopback and nowhere else", async (t) => {
  const tls = { cert: "none.pem", key: "none.pem" };
  const listen = { agents: { host: "0.0.0.0", port: 0 }, operators: { port: 0 }, tls };
  const at = await openTestGatewayOn(t, {}, { mode: "development", listen });
  const log = createLog({ level: "silent", write: () => {} });
  const opening = serve(at.gateway, { log, behindProxy: false });
  await t.rejects(opening, { message: /can be reached from elsewhere in development mode/ });
});

test("a proxy before loopback hands development mode on to others: it does not start", async (t) => {
  const at = await openTestGatewayOn(t, {}, { mode: "development" });
  const log = createLog({ level: "silent", write: () => {} });
  const opening = serve(at.gateway, { log, behindProxy: true });
  await t.rejects(opening, { message: /a proxy in front .* not in development mode/ });
});

type Lines = string[] & { url: string };

/** The doors, and what they log. */
async function open(t: Test, { gateway }: TestGateway): Promise<Lines> {
  const lines: Lines = Object.assign([], { url: "" });
  const about = (): typeof gateway.selfProof.standing => gateway.selfProof.standing;
  const log = createLog({ level: "info", write: (line) => lines.push(line), about });
  const served = await serve(gateway, { log, behindProxy: false });
  t.teardown(() => served.close());
  lines.url = served.agentsUrl;
  await gateway.selfProof.proofs();
  return lines;
}

async function ask(url: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: await response.json() };
}
