import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { readTree } from "./tree.ts";

test("of a file its bytes are taken, and whether it is a program; nothing that raises anybody", (t) => {
  const folder = t.testdir({ bin: { su: "su" }, etc: { secret: "s" }, usr: { lib: { x: "x" } } });
  chmodSync(join(folder, "bin/su"), 0o6755);
  chmodSync(join(folder, "etc/secret"), 0o600);
  symlinkSync("su", join(folder, "bin/sudo"));
  execFileSync("mkfifo", [join(folder, "usr/lib/pipe")]);
  mkdirSync(join(folder, "usr/lib/empty"));
  const tree = readTree(folder, () => true);
  t.strictSame([...tree.keys()].sort(), ["etc/secret", "usr/bin/su", "usr/bin/sudo", "usr/lib/x"]);
  t.match(tree.get("usr/bin/su"), { kind: "file", mode: 0o755 });
  t.match(tree.get("etc/secret"), { kind: "file", mode: 0o644 });
  t.strictSame(tree.get("usr/bin/sudo"), { kind: "link", target: "su" });
  t.end();
});

test("a path is asked for as it stands in the image", (t) => {
  const folder = t.testdir({ lib64: {}, usr: { lib64: {} } });
  writeFileSync(join(folder, "lib64/ld.so"), "");
  const asked: string[] = [];
  readTree(folder, (path) => asked.push(path) === 0);
  t.ok(asked.includes("usr/lib64/ld.so"));
  t.end();
});
