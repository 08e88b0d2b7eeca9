import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import type { AuditRecord } from "../gateway/audit/record.ts";
import { Refusal } from "../manifests/refusals.ts";
import type { Jail } from "../sandbox/isolate/jail/jail.ts";
import { descendants } from "./support/processes.ts";
import { openTestGateway, openTestGatewayOn, recordHolds } from "./support/test-gateway.ts";

const code = { code: "return 6 * 7" };

test("a tier that loses a wall is not offered, and is offered again when the wall is back", async (t) => {
  let isOpen = false;
  const alter = (jail: Jail): Jail => (isOpen ? withEnvironment(jail) : jail);
  const at = await openTestGatewayOn(t, { alter });
  const session = await at.open();
  t.match(await session.propose("js.run", code), { status: "completed", output: 42 });

  isOpen = true;
  await at.gateway.selfProof.prove();
  const refused = await session.propose("js.run", code, { idempotencyKey: "once" });
  t.match(refused, { status: "refused", ring: "sandbox", code: "SANDBOX_UNAVAILABLE" });
  t.match(await (await at.open({ principal: "bob" })).propose("js.run", code), {
    code: "SANDBOX_UNAVAILABLE",
  });
  const [failed] = await listRecords(join(at.folder, "state"), { kind: "event.tier.failed" });
  t.match(holesOf(failed), [{ name: "empty environment", holds: false, measured: "SECRET" }]);
  const records = await listRecords(join(at.folder, "state"), { kind: "intent" });
  t.equal(records.length, 1, "nothing was used up for the calls that were refused");

  isOpen = false;
  await at.gateway.selfProof.prove();
  t.match(await session.propose("js.run", code, { idempotencyKey: "twice" }), { output: 42 });
  await recordHolds(t, at, 4);
  const proofs = await listRecords(join(at.folder, "state"), { kind: "event.tier.proved" });
  t.equal(proofs.length, 2);
});

test("a tier that fails between admission and run runs nothing", async (t) => {
  let asked = 0;
  const { open } = await openTestGateway(t, {}, (deps) => ({
    ...deps,
    selfProof: {
      proofs: () => deps.selfProof.proofs(),
      standing: deps.selfProof.standing,
      require: (tier) => {
        asked += 1;
        const isLost = asked === 2;
        return isLost
          ? Promise.reject(new Refusal("SANDBOX_UNAVAILABLE"))
          : deps.selfProof.require(tier);
      },
    },
  }));
  const session = await open();
  t.match(await session.propose("js.run", code), { code: "SANDBOX_UNAVAILABLE" });
  t.match(await session.propose("js.run", code), { output: 42 });
});

/** As if the launcher had forgotten to empty it. */
function withEnvironment(jail: Jail): Jail {
  const args = jail.args.flatMap((word) => {
    if (word === "--clearenv") return [word, "--setenv", "SECRET", "canary"];
    return word === "-i" ? ["SECRET=canary"] : [word];
  });
  return { ...jail, args };
}

function holesOf(record: AuditRecord | undefined): unknown {
  const walls = (record?.details?.["walls"] ?? record?.content["walls"]) as { holds: boolean }[];
  return walls.filter(({ holds, floor }: { holds: boolean; floor?: boolean }) => floor && !holds);
}

test("a gateway that closes while it proves leaves nothing", async (t) => {
  const at = await openTestGatewayOn(t, {});
  void at.gateway.selfProof.proofs();
  await sleep(20);
  await at.gateway.close();
  t.strictSame(descendants(process.pid), []);
});
