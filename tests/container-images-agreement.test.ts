import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { containerLimits } from "../manifests/container-limits.ts";
import { profile } from "../sandbox/container/profile/profile.ts";

const programs = join(import.meta.dirname, "../sandbox/container/images/runner");

/** A number or a text that stands in a program of an image, on one line of its own. */
type Written = readonly [file: string, start: string];

const { proxyConnections, scratchBytes, scratchFiles, runnerMemoryMb } = containerLimits;

/** The gateway's limits are no part of what an image is, so its programs hold them themselves. */
const held: readonly (readonly [what: string, value: number | string, ...places: Written[]])[] = [
  ["files that it may leave", scratchFiles, ["files.ts", "const mostFiles"], ["talk.py", "FILES"]],
  ["bytes of them", scratchBytes, ["files.ts", "const mostBytes"], ["talk.py", "FILES_BYTES"]],
  ["its home", profile.workingDir, ["files.ts", "const home"], ["talk.py", "HOME"]],
  ["connections of it", proxyConnections, ["forward.py", "AT_ONCE"]],
  ["memory beside a tool's own", runnerMemoryMb, ["main.ts", "const nodeMb"]],
];

for (const [what, value, ...places] of held) {
  test(`${what}: a call in a container has what the gateway says, in each image`, (t) => {
    for (const place of places) t.equal(valueAt(t, place), value, place.join(": "));
    t.end();
  });
}

/** Each language has a program of its own for the same thing. */
const shared: readonly (readonly [what: string, one: Written, other: Written])[] = [
  ["the port of the way out", ["way-out.ts", "const port"], ["forward.py", "PORT"]],
  ["its socket", ["host.ts", "export const proxySocket"], ["forward.py", "SOCKET"]],
  ["bytes of an output", ["output.ts", "const outputBytes"], ["child.py", "OUTPUT_BYTES"]],
  ["the same as JSON", ["output.ts", "const outputJsonBytes"], ["child.py", "OUTPUT_JSON_BYTES"]],
];

for (const [what, one, other] of shared) {
  test(`${what}: the programs of all images agree`, (t) => {
    t.equal(valueAt(t, one), valueAt(t, other));
    t.end();
  });
}

function valueAt(t: Test, [file, start]: Written): unknown {
  const lines = readFileSync(join(programs, file), "utf8").split("\n");
  const found = lines.filter((line) => line.startsWith(`${start} = `));
  t.equal(found.length, 1, `${start} stands once in ${file}`);
  const [value = ""] = found.map((line) => line.slice(start.length + 3).replace(/;$/, ""));
  return JSON.parse(value.startsWith('"') ? value : value.replaceAll("_", ""));
}
