import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { LaunchRequest } from "../sandbox/container/link/launcher.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { engineFor } from "./support/engine.ts";
import { type RecordingEngine, recordEngine } from "./support/recording-engine.ts";
import { newSlot, pinOf, testLauncher } from "./support/test-launcher.ts";

interface Refused {
  readonly what: string;
  readonly change: (folder: string) => Partial<LaunchRequest>;
  readonly code: string;
}

const refused: readonly Refused[] = [
  {
    what: "a tool that it does not know",
    change: () => ({ pin: pinOf(9) }),
    code: "SANDBOX_UNAVAILABLE",
  },
  {
    what: "a tier weaker than the tool's",
    change: () => ({ pin: pinOf(1) }),
    code: "SANDBOX_UNAVAILABLE",
  },
  {
    what: "a way out for a tool that has none",
    change(folder) {
      const slot = newSlot();
      mkdirSync(join(folder, "out", slot));
      return { pin: pinOf(2), slot, network: true };
    },
    code: "SANDBOX_UNAVAILABLE",
  },
  {
    what: "a way out that nobody has made",
    change: () => ({ network: true }),
    code: "SANDBOX_UNAVAILABLE",
  },
  {
    what: "a way out that is a link",
    change(folder) {
      const slot = newSlot();
      symlinkSync("/tmp", join(folder, "out", slot));
      return { slot, network: true };
    },
    code: "SANDBOX_UNAVAILABLE",
  },
  {
    what: "an image that is not there",
    change: () => ({ pin: pinOf(3) }),
    code: "IMAGE_UNAVAILABLE",
  },
  {
    what: "a digest of no image here",
    change: () => ({ pin: pinOf(4) }),
    code: "IMAGE_UNAVAILABLE",
  },
  ...[
    ["a path that climbs", "../x", "FILES_DENIED"],
    ["a path that climbs in the middle", "a/../../x", "FILES_DENIED"],
    ["an absolute path", "/etc", "FILES_DENIED"],
    ["the workspace itself, with the drafts in it", ".", "FILES_DENIED"],
    ["the folder of drafts", ".ringward", "FILES_DENIED"],
    ["the folder of drafts in another spelling", ".RINGWARD", "FILES_DENIED"],
    ["a path with a colon, for an engine that would cut it there", "a:/etc", "FILES_FAILED"],
    ["a path with a line break", "a\nb", "FILES_DENIED"],
    ["a link to a folder", "link", "FILES_DENIED"],
    ["a path through a link", "link/passwd", "FILES_DENIED"],
    ["a link to a file", "file-link", "FILES_DENIED"],
    ["a file that has another name", "second-name", "FILES_DENIED"],
    ["what is the gateway's", "state", "FILES_DENIED"],
    ["what lies beneath it", "state/key", "FILES_DENIED"],
    ["what lies around it", "around", "FILES_DENIED"],
    ["what is not there", "nothing", "FILES_FAILED"],
  ].map(([what = "", mount = "", code = ""]) => ({
    what,
    change: () => ({ mounts: [mount] }),
    code,
  })),
  {
    what: "what its manifest does not read",
    change: () => ({ pin: pinOf(2), mounts: ["a"] }),
    code: "FILES_DENIED",
  },
];

test("nothing of what is refused reaches the engine", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const { launch, recorder, folder } = await strictLauncher(t, engine);
  for (const { what, change, code } of refused) {
    await t.rejects(launch(change(folder)), { name: "Refusal", code }, what);
  }
  t.strictSame(recorder.creations(), []);
  await launch({ mounts: ["a"] });
  t.equal(recorder.creations().length, 1, "the same request without the fault is done");
});

async function strictLauncher(
  t: Test,
  engine: { readonly socket: string },
): Promise<Awaited<ReturnType<typeof testLauncher>> & { readonly recorder: RecordingEngine }> {
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const all = [{ path: ".", access: "read" }] as const;
  const workspace = t.testdir({
    ...{ a: { b: "" }, state: { key: "" }, around: { state: {} }, first: "" },
    link: t.fixture("symlink", "/etc"),
    "file-link": t.fixture("symlink", "first"),
  });
  linkSync(join(workspace, "first"), join(workspace, "second-name"));
  const tools = [
    { script: "cat", reads: all, isNetworked: true },
    { script: "cat", tiers: ["gvisor"] },
    {
      script: "cat",
      reads: [
        { path: "d", access: "read" },
        { path: "a", access: "list" },
      ],
    },
    { script: "cat", image: `sha256:${"0".repeat(64)}` },
    { script: "cat", image: `tool@sha256:${"0".repeat(64)}` },
  ] as const;
  const protectedPaths = [join(workspace, "state"), join(workspace, "around/state")];
  const given = { engine: recorder.socket, image, tools, workspace, protectedPaths };
  return { ...(await testLauncher(t, given)), recorder };
}

test("refuses an image that is another one than was asked for", async (t) => {
  const other = `sha256:${"1".repeat(64)}`;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const isImage = request.url?.startsWith("/images/");
    response.end(
      JSON.stringify(isImage ? { Id: other, Config: {}, RepoDigests: [`x@${other}`] } : []),
    );
  });
  const folder = mkdtempSync(join(tmpdir(), "ringward-lt-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const engine = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(engine, resolve));
  t.teardown(() => server.close());
  for (const image of [`sha256:${"0".repeat(64)}`, `tool@${other}`]) {
    const { launch } = await testLauncher(t, { engine, image });
    await t.rejects(launch(), { code: "IMAGE_MISMATCH" }, image);
  }
  t.notOk(asked.some((line) => line.includes("/create")));
});

test("there are no more containers at once than may be, nor more memory, whoever asks", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const bounds = { containers: 2, containersBytes: 64 * 2 ** 20 };
  const given = { engine: engine.socket, image, bounds, tools: [{ script: "cat", memoryMb: 64 }] };
  const { launch } = await testLauncher(t, given);
  const limits = (memoryMb: number): Partial<LaunchRequest> => ({
    limits: { memoryMb, cpuMs: 1_000 },
  });
  const slot = newSlot();
  const first = await launch({ ...limits(32), slot });
  await t.rejects(launch({ ...limits(8), slot }), { code: "SANDBOX_UNAVAILABLE", message: /slot/ });
  await t.rejects(launch(limits(33)), { code: "SANDBOX_UNAVAILABLE", message: /memory/ });
  const second = await launch(limits(32));
  await t.rejects(launch(limits(8)), { code: "SANDBOX_UNAVAILABLE", message: /as many/ });
  await first.kill();
  await second.kill();
  await launch(limits(64));
});

test("memory of a runner and of gVisor's kernel is counted with the tool's", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const bounds = { containers: 9, containersBytes: 96 * 2 ** 20 };
  const tools = [{ script: "cat", runnerMemoryMb: 56 }];
  const { launch } = await testLauncher(t, { engine: engine.socket, image, bounds, tools });
  const limits = { memoryMb: 8, cpuMs: 1_000 };
  await launch({ limits });
  await t.rejects(launch({ limits }), { code: "SANDBOX_UNAVAILABLE", message: /memory/ });
  await t.rejects(launch({ limits, tier: "gvisor" }), { message: /memory/ });
});
