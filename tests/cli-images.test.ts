import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { ringward } from "./support/command-line.ts";

test("without an engine no image is built, and nothing is fetched for it", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const asked = ["images", "build", "--engine", "/nowhere/docker.sock"];
  const { code, stdout, stderr } = await ringward(asked, { folder });
  t.equal(code, 69);
  t.equal(stdout, "");
  t.match(stderr, /^ringward: no container engine at `\/nowhere\/docker.sock`: ENOENT \(start one/);
  t.notOk(existsSync(join(folder, "state", "packages")));
});

test("without an engine what was never built is listed all the same", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const asked = ["images", "list", "--engine", "/nowhere/docker.sock"];
  const { code, stdout } = await ringward(asked, { folder });
  t.equal(code, 0);
  t.match(stdout, /^IMAGE +STATE +ID\nshell +not built\n/);
});
