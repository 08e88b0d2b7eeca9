import { test } from "tap";
import { knownEscapes } from "./known-escapes.ts";

const newest = ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"];

test("an old runtime is named with the escapes that it has, by the fix of its own line", (t) => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["1.1.5+ds1", ["CVE-2024-21626", ...newest]],
    ["1.1.12", newest],
    ["1.1.15", newest],
    ["1.2.7", newest],
    ["1.2.8", []],
    ["1.3.2", newest],
    ["1.3.3-0ubuntu1", []],
    ["1.4.0-rc.2", newest],
    ["1.4.0-rc.3", []],
    ["1.4.0", []],
    ["2.0.0", []],
    ["1.0.0-rc92", ["CVE-2021-30465", "CVE-2024-21626", ...newest]],
    ["1.0.0-rc6", ["CVE-2019-5736", "CVE-2021-30465", "CVE-2024-21626", ...newest]],
  ];
  for (const [version, known] of cases) t.strictSame(knownEscapes("runc", version), known, version);
  t.equal(knownEscapes("runc", "unknown").length, 6, "what nobody can read is old");
  t.strictSame(knownEscapes("runsc", "release-20221219.0"), []);
  t.strictSame(knownEscapes("toString", "1.0.0"), []);
  t.end();
});
