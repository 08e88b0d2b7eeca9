import { test } from "tap";
import type { Suppression } from "../../../guardrails/suppressions/suppression.ts";
import { checkSuppressions, endedNotes } from "./suppressions.ts";

const lasting: Suppression = {
  id: "lasting",
  kind: "injection:ignore-earlier",
  tool: "text.count",
  in: "result",
  field: "/note",
  until: "2026-06-02",
  reason: "It quotes our manual.",
};
const over: Suppression = { ...lasting, id: "over", until: "2026-06-01" };
const now = Date.parse("2026-06-01T00:00:00Z");

test("suppressions that have ended are told to whoever starts a gateway or asks the doctor", (t) => {
  const checks = checkSuppressions([lasting, over], now);
  t.match(checks, [
    { state: "ok", found: "1 of 2 last" },
    { state: "warn", found: "`over` ended on 2026-06-01: what it suppressed counts again" },
  ]);
  t.equal(checks.length, 2);
  t.strictSame(endedNotes([lasting, over], now), [
    "Suppression `over` ended on 2026-06-01: what it suppressed counts again",
  ]);
  t.strictSame(checkSuppressions([], now), []);
  t.end();
});
