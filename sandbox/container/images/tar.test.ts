import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { tarOf } from "./tar.ts";
import { plainFile, type Tree } from "./tree.ts";

const long = `${"deep/".repeat(30)}${"x".repeat(95)}`;

test("`tar` finds in it what was put into it", (t) => {
  const folder = t.testdir({});
  const tree: Tree = new Map([
    ["b/program", plainFile("run", true)],
    ["b/link", { kind: "link", target: "program" }],
    ["a", plainFile("x".repeat(513))],
    ["tmp", { kind: "folder", mode: 0o1777 }],
    [long, plainFile("")],
    ["ü", plainFile("é")],
  ]);
  writeFileSync(join(folder, "it.tar"), Buffer.concat(tarOf(tree)));
  const out = join(folder, "out");
  mkdirSync(out);
  execFileSync("tar", ["--extract", "--preserve-permissions", "-f", "../it.tar"], { cwd: out });
  const mode = (path: string): number => lstatSync(join(out, path)).mode & 0o7777;
  t.equal(readFileSync(join(out, "b/program"), "utf8"), "run");
  t.equal(readFileSync(join(out, "a"), "utf8").length, 513);
  t.equal(readFileSync(join(out, "ü"), "utf8"), "é");
  t.equal(readFileSync(join(out, long), "utf8"), "");
  t.equal(readlinkSync(join(out, "b/link")), "program");
  t.strictSame(
    [mode("b/program"), mode("a"), mode("tmp"), mode("b")],
    [0o755, 0o644, 0o1777, 0o755],
  );
  t.equal(lstatSync(join(out, "a")).mtimeMs, 0);
  const listed = execFileSync("tar", ["--list", "-v", "--numeric-owner", "-f", "it.tar"], {
    ...{ cwd: folder, encoding: "utf8" },
  });
  const owners = listed
    .trim()
    .split("\n")
    .map((line) => line.split(/ +/)[1]);
  t.strictSame([...new Set(owners)], ["0/0"], "everything is root's");
  t.match(listed, /^drwxr-xr-x .* b\/$/m, "folders above it come along");
  t.end();
});

test("the same tree is the same bytes, in whatever order it was made", (t) => {
  const nodes = [
    ["z/a", plainFile("1")],
    ["z.b", plainFile("2")],
    ["z", { kind: "folder", mode: 0o755 }],
  ] as const;
  const one = Buffer.concat(tarOf(new Map(nodes)));
  t.ok(one.equals(Buffer.concat(tarOf(new Map(nodes.toReversed())))));
  t.equal(one.length % 512, 0);
  t.ok(one.subarray(-1_024).equals(Buffer.alloc(1_024)), "two empty blocks end it");
  t.end();
});

test("what the format has no room for is refused, not cut off", (t) => {
  for (const path of ["x".repeat(101), `${"y".repeat(156)}/z${"x".repeat(99)}`]) {
    t.throws(() => tarOf(new Map([[path, plainFile("")]])), /too long for a tar/);
  }
  const target = "t".repeat(101);
  t.throws(() => tarOf(new Map([["l", { kind: "link", target }]])), /too long for a tar/);
  t.end();
});
