import { test } from "tap";
import type { CreateOptions } from "../sandbox/container/profile/create-options.ts";
import { prove } from "./container-proof-fixtures.ts";
import type { Alter } from "./support/altering-engine.ts";
import { engineFor } from "./support/engine.ts";

/** One field of the profile switched off, and the walls that a proof has to miss then. */
interface Hole {
  readonly off: string;
  readonly alter: Alter;
  readonly missed: readonly string[];
}

type Config = CreateOptions["HostConfig"];

function inHost(change: (config: Config) => object): Alter {
  return (options) => ({
    ...options,
    HostConfig: { ...options.HostConfig, ...change(options.HostConfig) },
  });
}

/** The engine has a part in it, in whatever way. */
function withNetwork(change: object): Alter {
  return ({ HostConfig, ...options }) => ({
    ...{ ...options, NetworkDisabled: false, HostConfig: { ...HostConfig, ...change } },
  });
}

function withoutUlimit(name: string): Alter {
  return inHost(({ Ulimits }) => ({ Ulimits: Ulimits.filter(({ Name }) => Name !== name) }));
}

/** Switched off together, so that it does not take all day: each has a wall of its own. */
const holes: readonly (readonly Hole[])[] = [
  [
    {
      off: "user",
      alter: (options) => ({ ...options, User: "0:0" }),
      missed: ["nobody's user and group"],
    },
    { off: "init", alter: inHost(() => ({ Init: false })), missed: ["reaped by another"] },
    {
      off: "dumps",
      alter: inHost(({ Ulimits }) => ({
        Ulimits: Ulimits.map((one) =>
          one.Name === "core" ? { ...one, Soft: 1_024, Hard: 1_024 } : one,
        ),
      })),
      missed: ["no core dump"],
    },
    { off: "sizes of files", alter: withoutUlimit("fsize"), missed: ["bounded file"] },
    { off: "descriptors", alter: withoutUlimit("nofile"), missed: ["bounded descriptors"] },
    { off: "locked memory", alter: withoutUlimit("memlock"), missed: ["no locked memory"] },
    {
      off: "dns",
      alter: withNetwork({ Dns: ["192.0.2.1"] }),
      missed: ["no name server"],
    },
    {
      off: "cgroupnsMode",
      alter: inHost(() => ({ CgroupnsMode: "host" })),
      missed: ["own view of control groups"],
    },
    {
      off: "no mounts",
      alter: inHost(() => ({ Binds: ["/tmp:/mnt:ro"] })),
      missed: ["nothing of the host's mounted"],
    },
    { off: "oomScoreAdj", alter: inHost(() => ({ OomScoreAdj: 0 })), missed: ["first to go"] },
  ],
  [
    { off: "capDrop", alter: inHost(() => ({ CapDrop: [] })), missed: ["no capability"] },
    {
      off: "the profile's own filter",
      alter: inHost(() => ({ SecurityOpt: ["no-new-privileges"] })),
      missed: ["the profile's filter"],
    },
    { off: "queues", alter: withoutUlimit("msgqueue"), missed: ["two folders to write"] },
    {
      off: "env",
      alter: (options) => ({ ...options, Env: [...options.Env, "LD_PRELOAD=/evil.so"] }),
      missed: ["nothing else in its environment"],
    },
    { off: "maskedPaths", alter: inHost(() => ({ MaskedPaths: [] })), missed: ["hidden paths"] },
    {
      off: "readonlyPaths",
      alter: inHost(() => ({ ReadonlyPaths: [] })),
      missed: ["no setting of the kernel"],
    },
    {
      off: "sysctls",
      alter: inHost(() => ({ Sysctls: {} })),
      missed: ["bounded buffers of `lo`"],
    },
    {
      off: "memory without swap",
      alter: inHost(({ Memory }) => ({ MemorySwap: 2 * Memory })),
      missed: ["no swap"],
    },
  ],
  [
    {
      off: "no-new-privileges and every filter",
      alter: inHost(() => ({ SecurityOpt: ["seccomp=unconfined"] })),
      missed: ["no new privileges", "filter of system calls", "no namespace is made"],
    },
    {
      off: "readonlyRootfs",
      alter: inHost(() => ({ ReadonlyRootfs: false })),
      missed: ["read-only root"],
    },
    {
      off: "sizes, counts and noexec of folders",
      alter: inHost(({ Tmpfs }) => ({
        Tmpfs: Object.fromEntries(Object.keys(Tmpfs).map((path) => [path, "rw,exec"])),
      })),
      missed: [
        ...["bounded /tmp", "bounded /work", "counted files", "nothing that is written runs"],
      ],
    },
    {
      off: "ipcMode",
      alter: inHost(() => ({ IpcMode: "private" })),
      missed: ["two folders to write", "nothing of the host's mounted"],
    },
    {
      off: "networkMode",
      // An engine sets none of the host's own settings.
      alter: withNetwork({ NetworkMode: "host", Sysctls: {} }),
      missed: ["no device but `lo`"],
    },
  ],
  [
    {
      off: "memory",
      alter: inHost(() => ({ Memory: 0, MemorySwap: 0 })),
      missed: ["bounded memory"],
    },
    { off: "processes", alter: inHost(() => ({ PidsLimit: 0 })), missed: ["bounded processes"] },
    {
      off: "nanoCpus",
      alter: inHost(() => ({ NanoCpus: 0 })),
      missed: ["share of the processors"],
    },
    // Processor time is bounded twice, by the kernel and by the launcher: one wall out is not seen.
  ],
];

for (const together of holes) {
  const names = together.map(({ off }) => off).join(", ");
  test(`what a container lacks is missed, and it is not offered: ${names}`, async (t) => {
    const engine = await engineFor(t);
    if (!engine) return;
    const alter: Alter = (options) =>
      together.reduce<CreateOptions>((all, hole) => hole.alter(all) as CreateOptions, options);
    const { walls, offered } = await prove(t, engine, { tier: "container", alter });
    const found = walls.filter(({ holds }) => !holds).map(({ name }) => name);
    for (const { off, missed } of together) {
      t.strictSame(
        missed.filter((name) => !found.includes(name)),
        [],
        `${off}; missed: ${found.join(", ")}`,
      );
    }
    t.equal(offered, false);
  });
}
