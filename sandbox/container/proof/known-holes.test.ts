import { test } from "tap";
import type { EngineFacts } from "../link/launcher.ts";
import { knownHoles } from "./known-holes.ts";

function holesOf(change: { engine?: string; runc?: string; runsc?: string }): readonly string[] {
  const { engine = "28.2.2", runc, runsc } = change;
  const tier = runsc === undefined ? "container" : "gvisor";
  const version = runsc ?? runc;
  const runtime = { tier, name: "one", ...(version !== undefined && { version }) } as const;
  const facts: EngineFacts = {
    ...{ engine, kernel: "6.1", cgroup: "2", images: [] },
    runtimes: [runtime],
  };
  return knownHoles(facts, tier).flatMap(({ hole }) => hole ?? []);
}

test("versions that a container is known to come out of are named", (t) => {
  const open = ["1.0.0", "1.1.5+ds1", "1.1.12", "1.2.7", "1.3.2", "1.2.0-rc.1", "unknown", ""];
  for (const runc of open) t.match(holesOf({ runc }), [/come out/], runc);
  for (const runc of ["1.2.8", "1.2.9", "1.3.3", "1.4.0", "1.4.0-rc.3", "1.10.0", "2.0.0"]) {
    t.strictSame(holesOf({ runc }), [], runc);
  }
  t.end();
});

test("old versions of gVisor are named, and old engines", (t) => {
  t.match(holesOf({ runsc: "release-20221219.0" }), [/fixes/]);
  t.match(holesOf({ runsc: "unknown" }), [/fixes/]);
  t.strictSame(holesOf({ runsc: "release-20251103.0" }), []);
  t.match(holesOf({ engine: "20.10.24+dfsg1" }), [/maintained/]);
  t.match(holesOf({ engine: "unknown" }), [/maintained/]);
  t.strictSame(holesOf({ engine: "25.0.0" }), []);
  t.end();
});

test("of a runtime that does not tell its version nothing is said", (t) => {
  t.strictSame(holesOf({}), []);
  t.end();
});
