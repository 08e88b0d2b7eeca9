// In a mount namespace of its own: a folder is bound to another place in the workspace, a file as
// well. Prints how each mount ended.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { codeOf, everything, grantOf } from "./broker-fixtures.ts";

const workspace = String(argv[2]);
const bind = (from: string, to: string): void => {
  execFileSync("mount", ["--bind", join(workspace, from), join(workspace, to)]);
};
for (const folder of ["docs", "around/second", "beside"]) {
  mkdirSync(join(workspace, folder), { recursive: true });
}
for (const file of ["docs/a.txt", "beside/a file.txt"]) writeFileSync(join(workspace, file), "x");
bind("docs", "around/second");
bind("docs/a.txt", "beside/a file.txt");

const broker = createBroker({ workspace, hosts: {}, protectedPaths: [] });
const grant = grantOf({ permissions: { net: [], fs: everything } });
const door = broker.open(grant, new AbortController().signal);
const ends: string[] = [];
for (const path of ["docs", "around", "around/second", "beside", "beside/a file.txt"]) {
  ends.push(`${path} ${await codeOf(door.mount(path))}`);
}
process.stdout.write(ends.join("\n"));
