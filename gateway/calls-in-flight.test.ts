import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { CallsInFlight } from "./calls-in-flight.ts";
import type { Deps } from "./deps.ts";

test("so many calls run at once and no more", (t) => {
  let ids = 0;
  const never = new Promise<never>(() => undefined);
  const deps = {
    clock: { now: () => 1, monotonic: () => 1 },
    newId: () => {
      ids += 1;
      return `call_${ids}`;
    },
    credentials: { authenticate: () => never },
  } as unknown as Deps;
  const calls = new CallsInFlight(deps);
  const proposal = { tool: "js.run", arguments: {} };
  const begin = () => calls.begin({ bearer: "rw_agent_x", session: "s", proposal });
  for (let n = 1; n <= limits.callsInFlight; n += 1) t.equal(begin().id, `call_${n}`);
  t.throws(begin, { name: "Refusal", code: "OVERLOADED", retryAfterSeconds: 1 });
  t.equal(ids, limits.callsInFlight);
  t.end();
});
