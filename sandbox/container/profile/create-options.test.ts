import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { containerTiers } from "../../../manifests/tier.ts";
import { type CreateInput, type CreateOptions, createOptions } from "./create-options.ts";
import { profile, tierProfiles } from "./profile.ts";
import { seccompProfile } from "./seccomp.ts";

const input: CreateInput = {
  launchable: { command: ["/bin/tool", "--serve"], memoryMb: 128, cpuMs: 2_500, lifecycle: "call" },
  request: { tier: "container", limits: { memoryMb: 96, cpuMs: 4_000 } },
  image: {
    id: `sha256:${"1".repeat(64)}`,
    env: ["PATH=/opt/evil", "LD_PRELOAD=/evil.so", "NODE_OPTIONS=--require /evil.js", "=x", "BARE"],
    volumes: ["/var/lib/data"],
  },
  mounts: [{ source: "/srv/workspace/notes", path: "notes" }],
  socketFolder: "/run/out/slot",
  labels: { "ringward.instance": "one" },
};

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "create-options.golden.json"), "utf8"),
) as Record<string, unknown>;

for (const tier of containerTiers) {
  test(`what the engine is told for \`${tier}\`, to the letter`, (t) => {
    const { seccomp, body } = apart(
      createOptions({ ...input, request: { ...input.request, tier } }),
    );
    t.strictSame(body, golden[tier]);
    t.strictSame(seccomp, golden["seccomp"]);
    t.end();
  });
}

/** The filter is the same for all, and long. */
function apart(options: CreateOptions): { readonly body: unknown; readonly seccomp: unknown } {
  const text = JSON.stringify(options);
  const filter = seccompProfile();
  const body = text.replace(JSON.stringify(filter).slice(1, -1), "FILTER");
  return { body: JSON.parse(body), seccomp: JSON.parse(filter) };
}

test("no request raises anything above the profile or the manifest", (t) => {
  const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const limits = fc.record({ memoryMb: amount, cpuMs: amount });
  const tiers = fc.constantFrom(...containerTiers);
  fc.assert(
    fc.property(limits, limits, tiers, (asked, manifest, tier) => {
      const launchable = { ...input.launchable, ...manifest };
      const { HostConfig: config } = createOptions({
        ...input,
        launchable,
        request: { tier, limits: asked },
      });
      const ceiling =
        containerLimits.containerMemoryMbCeiling + tierProfiles[tier].memoryOverheadMb;
      const own = manifest.memoryMb + tierProfiles[tier].memoryOverheadMb;
      const [cpu] = config.Ulimits;
      return (
        config.Memory > 0 &&
        config.Memory <= Math.min(ceiling, own) * 2 ** 20 &&
        config.MemorySwap === config.Memory &&
        cpu !== undefined &&
        cpu.Soft > 0 &&
        cpu.Soft <= Math.ceil(manifest.cpuMs / 1_000) &&
        cpu.Hard === cpu.Soft + 1 &&
        config.PidsLimit === tierProfiles[tier].pids &&
        config.NanoCpus === profile.nanoCpus
      );
    }),
    { seed: 27 },
  );
  t.end();
});

test("what is no limit is none to the engine, and is refused", (t) => {
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    for (const limits of [
      { memoryMb: wrong, cpuMs: 1 },
      { memoryMb: 1, cpuMs: wrong },
    ]) {
      const asked = { ...input, request: { tier: "container", limits } } as const;
      t.throws(() => createOptions(asked), RangeError, String(wrong));
      const manifest = { ...input, launchable: { ...input.launchable, ...limits } };
      t.throws(() => createOptions(manifest), RangeError, String(wrong));
    }
  }
  t.end();
});

test("a service lives on: it has processor time for many calls, and not without end", (t) => {
  const service = { ...input, launchable: { ...input.launchable, lifecycle: "service" } } as const;
  const { Ulimits, NanoCpus, ...rest } = createOptions(service).HostConfig;
  const call = createOptions(input).HostConfig;
  const seconds = containerLimits.serviceCpuMs / 1_000;
  const cpu = { Name: "cpu", Soft: seconds, Hard: seconds + 1 };
  t.strictSame(Ulimits, [cpu, ...call.Ulimits.slice(1)]);
  t.strictSame({ Ulimits: call.Ulimits, NanoCpus, ...rest }, call, "and nothing else is changed");
  t.end();
});

test("without a way out and without mounts there is nothing of the host's", (t) => {
  const { socketFolder: _, ...rest } = input;
  const bare = { ...rest, mounts: [], image: { ...input.image, volumes: [], env: [] } };
  t.strictSame(createOptions(bare).HostConfig.Mounts, []);
  t.strictSame(createOptions(bare).Env, profile.env);
  t.end();
});
