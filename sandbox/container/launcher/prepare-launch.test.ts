import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Launchable } from "../launchable.ts";
import { launchRequest } from "../link/testing.ts";
import type { EngineImage } from "./engine.ts";
import { prepareLaunch } from "./prepare-launch.ts";
import { Reaper } from "./reaper.ts";
import { Room } from "./room.ts";
import { engineOf } from "./testing.ts";
import type { Yard } from "./yard.ts";

const image: EngineImage = { id: `sha256:${"1".repeat(64)}`, env: [], volumes: [], digests: [] };
const launchable: Launchable = {
  ...{ pin: launchRequest.pin, tool: "tool", image: image.id, command: ["tool"] },
  ...{ tiers: ["container"], memoryMb: 64, cpuMs: 1_000, isNetworked: false, lifecycle: "call" },
  reads: [{ path: "notes", access: "read" }],
};
const request = { ...launchRequest, mounts: ["notes"] };

interface Waits {
  /** While leftovers are looked for. */
  readonly listing?: () => void;
  /** While the engine is asked for the image. */
  readonly image?: () => void;
}

function yardOf(t: Test, waits: Waits): Yard & { readonly asked: string[] } {
  const asked: string[] = [];
  const waitFor = async (what: keyof Waits): Promise<void> => {
    asked.push(what);
    waits[what]?.();
  };
  const engine = engineOf({ image: () => waitFor("image").then(() => image) });
  const reaper = new Reaper(engine, () => waitFor("listing").then(() => []));
  t.teardown(() => reaper.close());
  const workspace = t.testdir({ notes: { plan: "" }, etc: { passwd: "" } });
  return {
    ...{ engine, reaper, asked, labels: {}, outputBytes: 1, note: () => undefined },
    room: new Room({ containers: 1, containersBytes: 2 ** 40 }),
    ground: {
      ...{ workspace, protectedPaths: [], sockets: join(workspace, "out") },
      launchables: new Map([[launchable.pin, launchable]]),
    },
  };
}

for (const what of ["listing", "image"] as const) {
  test(`attack: what is mounted is replaced by a link during the ${what} of an engine that is slow`, async (t) => {
    const swap = (): void => {
      renameSync(join(t.testdirName, "notes"), join(t.testdirName, "gone"));
      symlinkSync("/etc", join(t.testdirName, "notes"));
    };
    const yard = yardOf(t, { [what]: swap });
    await t.rejects(prepareLaunch(request, yard), { code: "FILES_DENIED" });
    t.notOk(yard.room.has(request.slot));
  });
}

test("what stands there is mounted, when all is known of the image", async (t) => {
  const yard = yardOf(t, {});
  const { options } = await prepareLaunch(request, yard);
  const source = join(t.testdirName, "notes");
  t.match(options.HostConfig.Mounts, [{ Source: source, Target: "/workspace/notes" }]);
  t.ok(yard.room.has(request.slot));
});

test("a tool that nobody knows, or that may not see it, waits for no engine", async (t) => {
  const yard = yardOf(t, {});
  const unknown = prepareLaunch({ ...request, pin: "c".repeat(64) }, yard);
  await t.rejects(unknown, { code: "SANDBOX_UNAVAILABLE" });
  await t.rejects(prepareLaunch({ ...request, mounts: ["etc"] }, yard), { code: "FILES_DENIED" });
  await t.rejects(prepareLaunch({ ...request, network: true }, yard), { message: /no way out/ });
  t.strictSame(yard.asked, []);
});

test("a service is watched too: all that it ever computes has an end", async (t) => {
  const service = { ...launchable, lifecycle: "service" } as const;
  const yard = yardOf(t, {});
  const launchables = new Map([[service.pin, service]]);
  const { cpuMs } = await prepareLaunch(request, {
    ...yard,
    ground: { ...yard.ground, launchables },
  });
  t.equal(cpuMs, containerLimits.serviceCpuMs + 1_000);
});
