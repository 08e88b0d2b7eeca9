import { randomInt } from "node:crypto";
import tap, { test } from "tap";
import { openStore } from "../gateway/store/open-store.ts";
import { sampleNow } from "../gateway/store/testing.ts";
import { crashAndCheck } from "./support/crash-rounds.ts";

tap.setTimeout(110_000);

test("a process killed a hundred times under load loses nothing that it acknowledged", async (t) => {
  const folder = t.testdir();
  const seed = Number(process.env["RINGWARD_SEED"] ?? randomInt(2 ** 31));
  t.comment(`RINGWARD_SEED=${seed}`);
  await crashAndCheck(t, { folder, rounds: 100, seed, longestMs: 60 });
  const store = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.strictSame(await store.calls.list({ status: "running" }), [], "what was in doubt is unknown");
  await store.close();
});
