import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "tap";

const script = fileURLToPath(new URL("./isolate-one-call.ts", import.meta.url));
const ordinary = { uid: 4_242, gid: 4_242 };

test("the jail stands for an ordinary user as it does for root", (t) => {
  if (process.getuid?.() !== 0) {
    t.comment("every other test of the jail runs as an ordinary user already");
    t.end();
    return;
  }
  const reads = spawnSync(process.execPath, ["--version"], ordinary);
  if (reads.status !== 0) {
    t.comment("the folder of this checkout is root's alone");
    t.end();
    return;
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    ...ordinary,
    env: {},
    cwd: "/",
    encoding: "utf8",
  });
  t.equal(status, 0, stderr);
  t.strictSame(JSON.parse(stdout), { missing: [], output: "42" });
  t.end();
});
