// Where no engine is, what asks for none goes on as ever, and what needs one is refused and says why.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { createReadiness } from "../gateway/http/readiness.ts";
import type { JsonObject } from "../manifests/json.ts";
import { ringward } from "./support/command-line.ts";
import { recordedGrants, stateOf, toolsFolder } from "./support/container-gateway.ts";
import { descendants } from "./support/processes.ts";
import { openTestGateway, recordHolds, type TestGateway } from "./support/test-gateway.ts";

const code = { code: "return 6 * 7" };
const nowhere = "/nowhere/docker.sock";
/** Where nothing is said of an engine this one is taken. */
const usual = "/var/run/docker.sock";
const skip = existsSync(usual) && `an engine listens at ${usual}`;

test("where nobody asks for containers nothing is tried before a call needs one", {
  skip,
}, async (t) => {
  const at = await openWith(t, { mode: "development" });
  const ready = createReadiness(at.gateway.deps);
  const session = await at.open();
  t.match(await session.propose("js.run", code), { output: 42, tier: "isolate" });
  await ready();
  t.strictSame(await provedTiers(at), ["isolate"]);
  const refused = await session.propose("sh.run");
  t.match(refused, { status: "refused", ring: "sandbox", code: "ENGINE_UNAVAILABLE" });
  t.equal((await recordedGrants(at)).length, 1, "nothing was used up");
  t.match(await session.propose("js.run", code), { output: 42 });
  await ready();
  t.strictSame(launchers(), [], "nor was a launcher started");
  await recordHolds(t, at, 3);
});

test("where a deployment asks for containers it is not ready without an engine", async (t) => {
  const at = await openWith(t, { mode: "development", containers: { engine: nowhere } });
  await t.rejects(createReadiness(at.gateway.deps)(), { code: "SANDBOX_UNAVAILABLE" });
  const session = await at.open();
  t.match(await session.propose("sh.run"), { code: "ENGINE_UNAVAILABLE" });
  t.match(await session.propose("js.run", code), { output: 42 });
  const failed = await listRecords(stateOf(at), { kind: "event.tier.failed" });
  const walls = failed.flatMap(({ details }) => details?.["walls"] as JsonObject[]);
  t.strictSame(
    walls.map(({ measured }) => measured),
    Array.from({ length: 2 }, () => `no container engine listens at ${nowhere}`),
  );
});

test("a launcher that is not there is an engine that is not there", async (t) => {
  const folder = toolsFolder(t, {});
  const containers = { launcher: join(folder, "no.sock"), sockets: join(folder, "out") };
  const at = await openWith(t, { containers });
  t.match(await (await at.open()).propose("sh.run"), { code: "ENGINE_UNAVAILABLE" });
});

test("in production without a launcher the tiers are off, whatever engine there is", async (t) => {
  for (const containers of [undefined, { engine: usual }]) {
    const at = await openWith(t, { ...(containers && { containers }) });
    t.equal(at.gateway.containers, undefined);
    t.strictSame([...at.gateway.deps.sandboxes.keys()], ["isolate"]);
    t.match(await (await at.open()).propose("sh.run"), { code: "SANDBOX_UNAVAILABLE" });
    await createReadiness(at.gateway.deps)();
  }
});

test("the command line says why a call is refused, and doctor that nothing asks for an engine", {
  skip,
}, async (t) => {
  const folder = deployment(t, "mode: development\n");
  const call = await ringward(["call", "sh.run"], { folder });
  t.equal(call.code, 1);
  t.match(call.stdout, /ring sandbox {2}ENGINE_UNAVAILABLE/);
  t.match(
    call.stderr,
    /^Tier container is not offered.+\n {2}the probes run: no container engine/m,
  );
  t.match(call.stderr, /`ringward doctor` measures again/);

  const doctor = await ringward(["doctor"], { folder });
  t.equal(doctor.code, 0, doctor.stdout);
  t.match(
    doctor.stdout,
    /^off {3}tier container: not offered, so its calls are refused; nobody asks for it: no container/m,
  );
  t.match(doctor.stdout, /^off {3}tier gvisor: /m);
  t.match(doctor.stdout, /^off {3}images: not built here, so refused: .*sh\.run/m);
});

test("doctor fails where a deployment asks for containers; in production it says that they are off", async (t) => {
  const asking = deployment(t, `mode: development\ncontainers: { engine: ${nowhere} }\n`);
  const failed = await ringward(["doctor"], { folder: asking });
  t.equal(failed.code, 1);
  t.match(failed.stdout, /^fail {2}tier container: not offered: its calls are refused/m);
  t.match(failed.stdout, /^fail {2}images: not built here.+\n {6}`ringward images build`/m);

  const off = deployment(t, "");
  t.match((await ringward(["doctor"], { folder: off })).stdout, /^off {3}containers: no launcher/m);
  const call = await ringward(["call", "sh.run"], { folder: off });
  t.match(call.stderr, /^Container tiers are off: in production `containers`/m);
});

type Config = Parameters<typeof openTestGateway>[1];

async function openWith(t: Test, config: Config): Promise<TestGateway> {
  const tools = join(toolsFolder(t, { "sh.run": {} }), "tools");
  return await openTestGateway(t, { manifests: [tools], ...config });
}

/** A folder with a deployment file. */
function deployment(t: Test, rest: string): string {
  const folder = toolsFolder(t, { "sh.run": {} });
  const head = "apiVersion: ringward/v1\nkind: Deployment\nmanifests: [./tools]\n";
  writeFileSync(join(folder, "ringward.yaml"), head + rest);
  mkdirSync(join(folder, "workspace"));
  return folder;
}

async function provedTiers(at: TestGateway): Promise<readonly unknown[]> {
  const proved = await listRecords(stateOf(at), { kind: "event.tier.proved" });
  return proved.map(({ details }) => details?.["tier"]);
}

/** Launchers that this process has started. */
function launchers(): readonly number[] {
  return descendants(process.pid).filter((pid) => {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("launcher/main");
  });
}
