import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { Launchable } from "../launchable.ts";
import type { LaunchRequest } from "../link/launcher.ts";
import { launchRequest as request } from "../link/testing.ts";
import { checkLaunch, findPlaces, type LaunchPlaces } from "./check-launch.ts";

const launchable: Launchable = {
  pin: request.pin,
  tool: "tool",
  image: `sha256:${"0".repeat(64)}`,
  command: ["tool"],
  tiers: ["container"],
  memoryMb: 64,
  cpuMs: 1_000,
  reads: [{ path: "notes", access: "read" }],
  isNetworked: true,
  lifecycle: "call",
};

interface Asked {
  readonly change: Partial<LaunchRequest>;
  readonly reads?: Launchable["reads"];
  /** Beneath the folder of the test. */
  readonly protectedPaths?: readonly string[];
}

const everything = [{ path: ".", access: "read" }] as const;

async function check(
  t: Test,
  { change, reads, protectedPaths = [] }: Asked,
): Promise<LaunchPlaces> {
  const folder = t.testdirName;
  const known = { ...launchable, ...(reads && { reads }) };
  const asked = { ...request, ...change };
  const ground = {
    launchables: new Map([[known.pin, known]]),
    workspace: join(folder, "workspace"),
    protectedPaths: protectedPaths.map((path) => join(folder, path)),
    sockets: join(folder, "out"),
  };
  checkLaunch(asked, ground);
  return await findPlaces(asked, ground);
}

function makeFolders(t: Test): string {
  return t.testdir({
    workspace: { notes: { a: "" }, plans: { b: "" }, state: { c: { d: "" } } },
    out: {},
  });
}

test("each of the mounts has to be granted, not some", async (t) => {
  const folder = makeFolders(t);
  const denied = { name: "Refusal", code: "FILES_DENIED", message: /may not see/ };
  for (const mounts of [["notes", "plans"], ["plans", "notes/a"], ["notesx"]]) {
    await t.rejects(check(t, { change: { mounts } }), denied, mounts.join(" "));
  }
  t.strictSame(await check(t, { change: { mounts: ["notes", "notes/a"] } }), {
    mounts: [
      { source: join(folder, "workspace/notes"), path: "notes" },
      { source: join(folder, "workspace/notes/a"), path: "notes/a" },
    ],
  });
});

test("who did not ask for a way out has none, also where one was made", async (t) => {
  const folder = makeFolders(t);
  mkdirSync(join(folder, "out", request.slot));
  t.strictSame(await check(t, { change: {} }), { mounts: [] });
  t.match(await check(t, { change: { network: true } }), {
    socketFolder: join(folder, "out", request.slot),
  });
});

test("the workspace as a whole is nobody's, for drafts of other calls lie in it", async (t) => {
  makeFolders(t);
  const asked = { change: { mounts: ["."] }, reads: everything };
  await t.rejects(check(t, asked), { code: "FILES_DENIED" });
});

const own: readonly (readonly [string, string, (folder: string) => string])[] = [
  ["by its name", "workspace/plans", () => "plans"],
  [
    "by its name in another spelling, for file systems that take both",
    "workspace/STATE",
    () => "state/c",
  ],
  ["by what is around it, in another spelling", "workspace/STATE/c", () => "state"],
  [
    "by what is around it, where the gateway knows it by a link",
    "alias/state/c",
    (folder) => {
      symlinkSync("workspace", join(folder, "alias"));
      return "state";
    },
  ],
  [
    "by the name that leads to it from around",
    "workspace/plans/key",
    (folder) => {
      writeFileSync(join(folder, "key"), "");
      symlinkSync("../../key", join(folder, "workspace/plans/key"));
      return "plans";
    },
  ],
  [
    "by what lies in it, where the gateway knows it by a link",
    "state",
    (folder) => {
      renameSync(join(folder, "workspace/state"), join(folder, "workspace/other"));
      symlinkSync("workspace/other", join(folder, "state"));
      return "other/c";
    },
  ],
];

for (const [how, kept, prepare] of own) {
  test(`attack: a mount shows what is the gateway's, ${how}`, async (t) => {
    const mount = prepare(makeFolders(t));
    const asked = { change: { mounts: [mount] }, reads: everything };
    await t.rejects(check(t, { ...asked, protectedPaths: [kept] }), { code: "FILES_DENIED" });
    t.equal((await check(t, asked)).mounts.length, 1, "it is there, and nobody else's");
  });
}
