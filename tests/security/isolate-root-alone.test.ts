import { spawnSync } from "node:child_process";
import { chmodSync, linkSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { launchers } from "../../sandbox/isolate/jail/jail.ts";
import { isOpenToAll } from "../../sandbox/isolate/jail/view.ts";

test("the walls stand around a Node that only root can read", (t) => {
  if (process.getuid?.() !== 0) {
    t.comment("this is for root, who has files that nobody else can read");
    t.end();
    return;
  }
  const folder = t.testdir();
  const node = join(folder, "node");
  linkSync(process.execPath, node);
  chmodSync(folder, 0o700);
  const script = join(import.meta.dirname, "isolate-one-call.ts");
  const { stdout, stderr } = spawnSync(node, [script], { env: {}, cwd: "/", encoding: "utf8" });
  t.strictSame(
    JSON.parse(stdout || "null"),
    { launcher: launchers()[0], missing: [], output: "42" },
    stderr,
  );
  t.end();
});

test("a file is open to all where it and each folder above it are", (t) => {
  const folder = t.testdir({ open: { file: "" }, closed: { file: "" } });
  const [open, closed] = [join(folder, "open", "file"), join(folder, "closed", "file")];
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "open"), 0o755);
  chmodSync(join(folder, "closed"), 0o700);
  for (const path of [open, closed]) chmodSync(path, 0o644);
  t.equal(isOpenToAll([{ from: closed, to: "/x" }]), false);
  chmodSync(join(folder, "closed"), 0o711);
  t.equal(isOpenToAll([{ from: closed, to: "/x" }]), isOpenToAll([{ from: open, to: "/x" }]));
  chmodSync(open, 0o640);
  t.equal(isOpenToAll([{ from: open, to: "/x" }]), false);
  t.end();
});
