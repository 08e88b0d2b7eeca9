// The threat: through what a program is shown it reads what is not its own, or gets out.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { mountsOf } from "../../sandbox/container/files/files-of-call.ts";
import { codeOf, everything, grantOf, type Place, place } from "./broker-fixtures.ts";

test("mounts a file or a folder that holds plain files, folders and links, and books it", async (t) => {
  const { open, workspace } = place(t);
  symlinkSync("/etc/passwd", join(workspace, "docs", "link"));
  const door = open();
  for (const path of ["docs", "docs/deeper", "a.txt"]) await door.mount(path);
  const booked = { door: "files", action: "mount", bytes: 0 };
  t.match(door.entries, [{ ...booked, target: "docs" }, { target: "docs/deeper" }, booked]);
  t.strictSame(door.read, { integrity: "untrusted", confidentiality: "internal" });
});

const refused: readonly (readonly [name: string, path: string, code: string])[] = [
  ["the whole workspace", ".", "FILES_DENIED"],
  ["what is above", "..", "FILES_DENIED"],
  ["a way up and down", "docs/../docs", "FILES_DENIED"],
  ["an absolute path", "/etc", "FILES_DENIED"],
  ["an empty segment", "docs//deeper", "FILES_DENIED"],
  ["a slash at the end", "docs/", "FILES_DENIED"],
  ["drafts", ".ringward", "FILES_DENIED"],
  ["drafts, spelled otherwise", ".RINGWARD", "FILES_DENIED"],
  ["drafts, with an invisible character", ".ring\u200bward", "FILES_DENIED"],
  ["a control character", "docs\u0000", "FILES_DENIED"],
  ["what belongs to the gateway", "policies", "FILES_DENIED"],
  ["what belongs to the gateway, folded", "POLICIES", "FILES_DENIED"],
  ["what is not there", "nothing", "FILES_FAILED"],
  ["what lies in a file", "a.txt/x", "FILES_FAILED"],
];
for (const [name, path, code] of refused) {
  test(`refuses to mount ${name}`, async (t) => {
    const door = place(t).open();
    t.equal(await codeOf(door.mount(path)), code);
    t.match(door.entries, [{ door: "files", action: "mount", target: path, code }]);
  });
}

const aNewNamespace = ["--user", "--map-root-user", "--mount", process.execPath];

type Make = (at: Place) => unknown;
const holes: readonly (readonly [name: string, make: Make])[] = [
  ["a pipe", ({ workspace }) => execFileSync("mkfifo", [join(workspace, "docs/deeper/x")])],
  [
    "a file that has another name elsewhere",
    ({ outside, workspace }) =>
      linkSync(join(outside, "secret.txt"), join(workspace, "docs/deeper/x")),
  ],
];
for (const [name, make] of holes) {
  test(`refuses a folder beneath which lies ${name}`, async (t) => {
    const at = place(t);
    make(at);
    await onlyDocsIsRefused(t, at.open());
  });
}

/** Whatever lies in `docs/deeper`. */
async function onlyDocsIsRefused(t: Test, door: BrokerDoor): Promise<void> {
  t.equal(await codeOf(door.mount("docs")), "FILES_DENIED");
  t.equal(await codeOf(door.mount("docs/deeper")), "FILES_DENIED");
  t.equal(await codeOf(door.mount("docs/b.txt")), "done", "and nothing else");
}

test("refuses a folder beneath which lies a socket of the host: read-only does not stop it", async (t) => {
  // Names of sockets are short.
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), "rw-")));
  t.teardown(() => rmSync(workspace, { recursive: true }));
  mkdirSync(join(workspace, "docs/deeper"), { recursive: true });
  writeFileSync(join(workspace, "docs/b.txt"), "beta");
  const server = createServer().listen(join(workspace, "docs/deeper/x"));
  t.teardown(() => server.close());
  await once(server, "listening");
  await onlyDocsIsRefused(t, openIn(workspace, []));
});

test("refuses a device", { skip: process.getuid?.() !== 0 && "only root makes one" }, async (t) => {
  const at = place(t);
  execFileSync("mknod", [join(at.workspace, "docs/deeper/x"), "c", "1", "3"]);
  await onlyDocsIsRefused(t, at.open());
  t.equal(await codeOf(at.open().mount("docs/deeper/x")), "FILES_DENIED");
});

test("refuses what is the gateway's own by whatever path the gateway knows it", async (t) => {
  const { outside, workspace } = place(t);
  symlinkSync(join(workspace, "docs/deeper/c.txt"), join(outside, "policy"));
  await onlyDocsIsRefused(t, openIn(workspace, [join(outside, "policy")]));
});

test("refuses the whole workspace where nothing else would: drafts lie in it", async (t) => {
  const { workspace } = place(t);
  t.equal(await codeOf(openIn(workspace, []).mount(".")), "FILES_DENIED");
});

test("refuses a folder in which something of the gateway's own will be", async (t) => {
  const { workspace } = place(t);
  await onlyDocsIsRefused(t, openIn(workspace, [join(workspace, "DOCS/deeper/store.sqlite")]));
});

test("follows no link, neither at the end nor on the way", async (t) => {
  const { open, outside, workspace } = place(t);
  symlinkSync(outside, join(workspace, "out"));
  symlinkSync("docs", join(workspace, "in"));
  symlinkSync("a.txt", join(workspace, "file"));
  for (const path of ["out", "out/workspace", "in", "in/deeper", "file"]) {
    t.equal(await codeOf(open().mount(path)), "FILES_DENIED", path);
  }
});

test("refuses what is mounted, and what something is mounted in", (t) => {
  const script = join(import.meta.dirname, "container-files-mounted.ts");
  const said = execFileSync("unshare", [...aNewNamespace, script, t.testdir({})]);
  t.strictSame(String(said).split("\n"), [
    "docs done",
    "around FILES_DENIED",
    "around/second FILES_DENIED",
    "beside FILES_DENIED",
    "beside/a file.txt FILES_DENIED",
  ]);
  t.end();
});

test("asks the grant: reading alone is what a mount needs", async (t) => {
  const { open } = place(t);
  const door = open([
    { path: "docs", access: "write" },
    { path: "docs", access: "list" },
    { path: "docs/deeper", access: "read" },
  ]);
  t.equal(await codeOf(door.mount("docs")), "FILES_DENIED");
  t.equal(await codeOf(door.mount("a.txt")), "FILES_DENIED");
  t.equal(await codeOf(door.mount("docs/deeper")), "done");
});

test("one call mounts at so many places, and no more", async (t) => {
  const { open } = place(t);
  const door = open();
  for (let n = 0; n < containerLimits.mountsPerCall; n += 1) await door.mount("docs");
  t.equal(await codeOf(door.mount("docs")), "FILES_FAILED");
});

test("looks at so many files and folders for one call, and no more", async (t) => {
  const { open, workspace } = place(t);
  const { mountEntries, mountsPerCall } = containerLimits;
  mkdirSync(join(workspace, "many"));
  for (let n = 0; n < mountEntries / mountsPerCall; n += 1) {
    writeFileSync(join(workspace, "many", `${n}`), "");
  }
  t.equal(await endOfLastMount(open()), "done");
  writeFileSync(join(workspace, "many", "one more"), "");
  t.equal(await endOfLastMount(open()), "FILES_FAILED");
});

async function endOfLastMount(door: BrokerDoor): Promise<string> {
  for (let n = 1; n < containerLimits.mountsPerCall; n += 1) await door.mount("many");
  return await codeOf(door.mount("many"));
}

test("folders lie so deep, and no deeper", async (t) => {
  const { open, workspace } = place(t);
  const path = Array.from({ length: limits.pathDepth }, () => "d").join("/");
  mkdirSync(join(workspace, "docs", path), { recursive: true });
  t.equal(await codeOf(open().mount("docs")), "done");
  mkdirSync(join(workspace, "docs", path, "d"));
  t.equal(await codeOf(open().mount("docs")), "FILES_DENIED");
});

test("a mount is no request of the guest's, and none is made for a call that is over", async (t) => {
  const { open } = place(t);
  const door = open();
  await door.mount("docs");
  for (let n = 0; n < limits.hostCallsPerCall; n += 1) {
    await door.request("files.read", { path: "a.txt" });
  }
  await door.mount("docs");
  t.equal(await codeOf(door.request("files.mount", { path: "docs" })), "HOSTCALL_LIMIT");
  t.equal(await codeOf(open().request("files.mount", { path: "docs" })), "EGRESS_DENIED");
  const mounting = codeOf(door.mount("docs"));
  await door.close();
  t.equal(await mounting, "CANCELLED");
  t.equal(await codeOf(door.mount("docs")), "CANCELLED");
});

test("a call mounts what it may read, a folder in place of what lies in it", (t) => {
  const mounts = (...paths: string[]): readonly string[] =>
    mountsOf({ permissions: { net: [], fs: paths.map((path) => ({ path, access: "read" })) } });
  t.strictSame(mounts(), []);
  t.strictSame(mounts("docs", "docs", "docs/a", "docs2", "a"), ["docs", "docs2", "a"]);
  t.strictSame(mounts("a", "."), ["."]);
  const many = Array.from({ length: containerLimits.mountsPerCall }, (_, n) => `d${n}`);
  t.strictSame(mounts(...many), many);
  t.throws(() => mounts(...many, "one more"), { code: "FILES_FAILED" });
  const fs = [{ path: "docs", access: "write" }] as const;
  t.strictSame(mountsOf({ permissions: { net: [], fs } }), [], "to write is not to read");
  t.end();
});

function openIn(workspace: string, protectedPaths: readonly string[]): BrokerDoor {
  const broker = createBroker({ workspace, hosts: {}, protectedPaths });
  const grant = grantOf({ permissions: { net: [], fs: everything } });
  return broker.open(grant, new AbortController().signal);
}
