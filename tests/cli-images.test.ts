import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "tap";
import { ringward, startRingward } from "./support/command-line.ts";

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

test("a launcher of one's own says what it serves, and which tools have no image", async (t) => {
  const folder = t.testdir({});
  const away = mkdtempSync(join(tmpdir(), "ringward-cl-"));
  t.teardown(() => rmSync(away, { recursive: true }));
  await ringward(["init", "."], { folder });
  const unnamed = await ringward(["launcher"], { folder });
  t.match(unnamed, { code: 78, stderr: /names no launcher \(say `containers: \{ launcher/ });
  const [socket, engine] = [join(away, "link", "l.sock"), join(away, "no.sock")];
  const containers = `containers: { engine: ${engine}, launcher: ${socket}, sockets: ${away}/out }`;
  appendFileSync(join(folder, "ringward.yaml"), `\n${containers}\n`);
  const launcher = startRingward(["launcher"], { folder });
  const stdout = text(launcher.stdout);
  let stderr = "";
  launcher.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  while (!stderr.includes("anew)")) await once(launcher.stderr, "data");
  launcher.kill("SIGTERM");
  t.equal(await stdout, `launcher  ${socket}\nengine    ${engine}\ntools     0\n`);
  t.match(stderr, `refusing all, until it answers at ${engine}`);
  t.match(
    stderr,
    /so refused: git\.log, node\.run, .+ \(`ringward images build`, then start it anew\)/,
  );
});
