// In a mount namespace of its own: a folder and a file of the workspace are bound to other places
// in it, and one folder comes from elsewhere. Prints how each request ended.
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
for (const folder of ["docs", "second", "temporary"]) mkdirSync(join(workspace, folder));
for (const file of ["docs/a.txt", "b.txt", "c.txt"]) writeFileSync(join(workspace, file), "x");
bind("docs", "second");
bind("b.txt", "c.txt");
execFileSync("mount", ["-t", "tmpfs", "none", join(workspace, "temporary")]);

const broker = createBroker({ workspace, hosts: {}, protectedPaths: [] });
const grant = grantOf({ permissions: { net: [], fs: everything } });
const door = broker.open(grant, new AbortController().signal);
const requests: readonly (readonly [string, string])[] = [
  ["files.read", "docs/a.txt"],
  ["files.read", "second/a.txt"],
  ["files.write", "second/new.txt"],
  ["files.list", "second"],
  ["files.read", "c.txt"],
  ["files.write", "c.txt"],
  ["files.write", "temporary/new.txt"],
  ["files.list", "temporary"],
];
const ends: string[] = [];
for (const [name, path] of requests) {
  const args = name === "files.write" ? { path, text: "x" } : { path };
  ends.push(`${name} ${path} ${await codeOf(door.request(name, args))}`);
}
process.stdout.write(ends.join("\n"));
