/*
 * Fifty calls are in flight through the real programs, and one of those dies without a word, or both.
 * On gVisor so many containers are more than a machine may have room for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import type { CallAnswer } from "../manifests/call.ts";
import { ringward } from "./support/command-line.ts";
import { engineFor } from "./support/engine.ts";
import { during, ProductionPair, whenBack } from "./support/production-pair.ts";

const count = 50;
/** Calls that begin together: each start has its limit of time, also on a busy machine. */
const together = 10;

const tools = { "sh.run": { limits: { wallMs: 60_000, memoryMb: 16 } } };

test("fifty calls are in flight", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const pair = await ProductionPair.deploy(t, engine, { tools, containers: { atOnce: count } });
  let launcher = await pair.startLauncher();
  let gateway = await pair.startGateway();

  await t.test(
    "a gateway that is killed: none is left, and its next start ends them",
    async (t) => {
      const { answers, ids } = await callsInFlight(pair);
      await gateway.kill();
      t.ok((await answers).every(({ status }) => status === "rejected"));
      while ((await pair.containers()).length > 0) await sleep(50);
      gateway = await pair.startGateway();
      await haveEnded(t, pair, { ids, code: "OUTCOME_UNKNOWN" });
    },
  );

  await t.test(
    "a launcher that is killed: each is answered, its next start leaves none, the gateway goes on",
    async (t) => {
      const { answers, ids, containers } = await callsInFlight(pair);
      await launcher.kill();
      const lost = {
        status: "fulfilled",
        value: { status: "refused", code: "ENGINE_UNAVAILABLE" },
      };
      t.match(
        await answers,
        Array.from({ length: count }, () => lost),
      );
      await haveEnded(t, pair, { ids, code: "ENGINE_UNAVAILABLE" });
      t.strictSame(await leftOf(pair, containers), containers, "nobody has ended them yet");
      launcher = await pair.startLauncher();
      t.strictSame(await leftOf(pair, containers), []);
      const propose = await pair.open();
      const answer = await whenBack(() => propose("sh.run", { command: "id -u" }));
      t.match(answer, { status: "completed", output: "65532 " });
    },
  );

  await t.test("both are killed: the next start of both leaves none, and ends them", async (t) => {
    const { answers, ids, containers } = await callsInFlight(pair);
    await Promise.all([gateway.kill(), launcher.kill()]);
    t.ok((await answers).every(({ status }) => status === "rejected"));
    t.strictSame(await leftOf(pair, containers), containers, "nobody has ended them yet");
    await pair.startLauncher();
    t.strictSame(await leftOf(pair, containers), []);
    await pair.startGateway();
    await haveEnded(t, pair, { ids, code: "OUTCOME_UNKNOWN" });
  });
});

interface InFlight {
  /** Of the calls. */
  readonly ids: readonly string[];
  /** Of all containers that there are. */
  readonly containers: readonly string[];
  readonly answers: Promise<readonly PromiseSettledResult<CallAnswer>[]>;
}

async function callsInFlight(pair: ProductionPair): Promise<InFlight> {
  const propose = await pair.open();
  const calls: Promise<CallAnswer>[] = [];
  while (calls.length < count) {
    calls.push(
      ...Array.from({ length: together }, () => propose("sh.run", { command: "sleep 600" })),
    );
    await during(calls, async () => (await pair.running("sh.run")).length >= calls.length);
  }
  const answers = Promise.allSettled(calls);
  const ended = new Set((await pair.records("end")).map(({ call }) => call));
  const intents = (await pair.records("intent")).map(({ call = "" }) => call);
  const ids = intents.filter((id) => !ended.has(id));
  if (ids.length !== count) throw new Error(`${ids.length} calls are in flight`);
  return { ids, answers, containers: await pair.containers() };
}

async function leftOf(
  pair: ProductionPair,
  containers: readonly string[],
): Promise<readonly string[]> {
  const all = await pair.containers();
  return containers.filter((one) => all.includes(one));
}

/** Each of the calls has one end on record, with this code, and the record verifies. */
async function haveEnded(
  t: Test,
  pair: ProductionPair,
  { ids, code }: { readonly ids: readonly string[]; readonly code: string },
): Promise<void> {
  const ends = await pair.records("end");
  const codes = ids.map((id) => ends.flatMap((end) => (end.call === id ? [end.code] : [])));
  t.strictSame(
    codes,
    Array.from({ length: count }, () => [code]),
  );
  t.match(await ringward(["audit", "verify"], { folder: pair.folder }), { code: 0 });
}
