import { test } from "tap";
import { refusalCodes, refusalEntry, rings } from "../manifests/refusals.ts";
import { refusalsOfDecisions } from "../manifests/refusals-of-decisions.ts";
import { refusalsOfRequests } from "../manifests/refusals-of-requests.ts";
import { refusalsOfRuns } from "../manifests/refusals-of-runs.ts";
import { errorsTable } from "../scripts/docs.ts";
import { sourceFiles, textOf } from "./support/source-files.ts";

const page = textOf("docs/errors.md");

test("docs/errors.md lists each code with its ring, status, OWASP id and mending, and no other", (t) => {
  const rows = page.split("\n").filter((line) => /^\| `[A-Z_]+` \|/.test(line));
  t.strictSame(rows, errorsTable(), "run `npm run docs`");
  t.end();
});

test("each code stands in one of the three tables", (t) => {
  const tables = [refusalsOfRequests, refusalsOfDecisions, refusalsOfRuns];
  t.strictSame(
    refusalCodes,
    tables.flatMap((table) => Object.keys(table)),
  );
  t.end();
});

test("each code has an HTTP status that says what kind of refusal it is", (t) => {
  const statuses = new Set([
    202, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504,
  ]);
  for (const code of refusalCodes) {
    const { ring, status, owasp, says, mend } = refusalEntry(code);
    t.ok(statuses.has(status), `${code} answers ${status}`);
    t.ok(rings.includes(ring), `${code} names a ring`);
    t.match(owasp, /^(?:ASI(?:0[1-9]|10)|-)$/, `${code} names an OWASP id, or none`);
    t.match(says, /^[a-z].*[^.]$/, `${code}: lower case, no full stop`);
    t.match(mend, /^[a-z].*[^.]$/, `${code}: lower case, no full stop`);
  }
  t.equal(refusalCodes.filter((code) => refusalEntry(code).status === 500).join(), "INTERNAL");
  t.end();
});

test("each code is used by the code, and each code that is used is listed", (t) => {
  const source = sourceFiles()
    .filter((file) => !file.endsWith(".test.ts") && !/^(?:tests|manifests\/refusal)/.test(file))
    .map(textOf)
    .join("\n");
  const unused = refusalCodes.filter((code) => !source.includes(`"${code}"`));
  t.strictSame(unused, [], "a code that nothing throws");
  const thrown = [...source.matchAll(/new Refusal\(\s*"([A-Z_]+)"/g)].map(([, code]) => code);
  t.strictSame(
    thrown.filter((code) => !refusalCodes.includes(code as never)),
    [],
  );
  t.end();
});
