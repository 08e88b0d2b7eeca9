import type { ContainerTier } from "../../../manifests/tier.ts";

/**
 * What every container is built with, whoever asks for it; each field has its reason beside it. A
 * request and a manifest lower some of it (memory, processor time) and raise none of it.
 */
export const profile = {
  /** Nobody's id, the same in each image: no file of an image belongs to it. */
  user: "65532:65532",
  /** The one place that a program may fill; also its home. */
  workingDir: "/work",
  /** A name that says nothing of the machine. */
  hostname: "sandbox",
  /** All that a program finds in its environment; what an image sets is taken out again. */
  env: [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/work",
    "TMPDIR=/tmp",
    "LANG=C.UTF-8",
  ],

  /** No capability is needed to read input and to write output. */
  capDrop: ["ALL"],
  /** A set-user-id program of an image raises nobody. */
  securityOpt: ["no-new-privileges"],
  /** What a program changes is gone with its container, and fills no disk of the host. */
  readonlyRootfs: true,
  /**
   * Nothing is written anywhere else, and nothing that is written is run. In memory, so each byte
   * counts against the container's; few files, for the kernel keeps something of each. An image's
   * folder of the same name may give its mode, so they belong to the user.
   */
  folders: {
    "/tmp": { mib: 16, files: 1_024 },
    "/work": { mib: 32, files: 4_096 },
  },
  folderOptions: "rw,noexec,nosuid,nodev,mode=0700,uid=65532,gid=65532",
  /** Only `lo`: the way out is a socket in a folder, and the broker stands behind it. */
  networkMode: "none",
  /** The engine has no part in that `lo`: no files of the host's, and half the work of a start. */
  networkDisabled: true,
  /**
   * What one end of a TCP connection within `lo` may hold. Control groups of version 1 count it as
   * nobody's memory, and what all have together is the host's.
   */
  sysctls: { "net.ipv4.tcp_rmem": "4096 16384 16384", "net.ipv4.tcp_wmem": "4096 16384 16384" },
  /** Where an engine makes `/etc/resolv.conf` all the same, the host's own would stand in it. */
  dns: ["127.0.0.1"],
  dnsSearch: ["."],
  /** No `/dev/shm`, and no shared memory of anybody else. */
  ipcMode: "none",
  /** Control groups look as if the container's were the root: no path of the host. */
  cgroupnsMode: "private",

  /** Of a tool, threads counted: a flood of them ends here. */
  processes: 64,
  /** One processor, in billionths. */
  nanoCpus: 1_000_000_000,
  /** Where the host runs out of memory, a sandbox goes before anything else does. */
  oomScoreAdj: 900,
  ulimits: {
    /** Dumps fill disks, and carry memory out. */
    core: 0,
    /** One file; no larger than the place that files go to. */
    fsize: 33_554_432,
    nofile: 256,
    /** Memory that cannot be reclaimed is nobody's here. */
    memlock: 0,
    /** Queues of messages live in the kernel, and are counted over all containers of one user. */
    msgqueue: 0,
  },

  /** Ends what a program left behind, and reaps it; passes the program's own end on. */
  init: true,
  /** Nothing asks a container to end; it is ended. */
  stopSignal: "SIGKILL",
  restartPolicy: { Name: "no", MaximumRetryCount: 0 },
  /** An image's own check would be a program that runs unasked, again and again. */
  healthcheck: { Test: ["NONE"] },
  /** Output leaves by the attached streams, with our own caps; no file of the host's fills up. */
  logConfig: { Type: "none", Config: {} },

  /** The kernel's own affairs, and what tells of the machine and of its other users. */
  maskedPaths: [
    ...beneath("/proc", [
      ...["acpi", "asound", "buddyinfo", "cmdline", "config.gz", "consoles", "crypto"],
      ...["diskstats", "dma", "driver", "dynamic_debug", "fb", "interrupts", "iomem", "ioports"],
      ...["kallsyms", "kcore", "key-users", "keys", "kmsg", "kpagecgroup", "kpagecount"],
      ...["kpageflags", "latency_stats", "locks", "modules", "mtrr", "pagetypeinfo"],
      ...["partitions", "pressure", "sched_debug", "schedstat", "scsi", "slabinfo", "softirqs"],
      ...["swaps", "timer_list", "timer_stats", "tty", "vmallocinfo", "vmstat", "zoneinfo"],
    ]),
    // All but its own control group, where languages read how much memory they have.
    ...beneath("/sys", [
      ...["block", "bus", "class", "dev", "devices", "firmware", "hypervisor", "kernel"],
      ...["module", "power", "fs/bpf", "fs/btrfs", "fs/erofs", "fs/ext4", "fs/f2fs", "fs/fuse"],
      ...["fs/nfs", "fs/pstore", "fs/selinux", "fs/xfs"],
    ]),
    // Pairs of terminals are counted over all containers of the host.
    "/dev/pts",
    // runc looks there for a group that has the user's number as its name, and gives its rights.
    "/etc/group",
  ] as readonly string[],
  /** Files that change the kernel when they are written. */
  readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
} as const;

/** Where the tiers differ. */
export const tierProfiles: Readonly<Record<ContainerTier, TierProfile>> = {
  container: { runtime: "runc", memoryOverheadMb: 0, pids: profile.processes, ulimits: {} },
  /**
   * Its kernel is a program in the same control group: 15 MB and 58 threads where nothing runs, and
   * for each process of the tool half a megabyte and eight threads more, sixteen under a flood. It
   * ends where it gets no thread, so it counts processes itself, and the group holds it alone.
   */
  gvisor: {
    runtime: "runsc",
    memoryOverheadMb: 64,
    pids: 1_088,
    ulimits: { nproc: profile.processes },
  },
};

export interface TierProfile {
  /** As the engine's configuration names it. */
  readonly runtime: string;
  /** Beside what the tool has. */
  readonly memoryOverheadMb: number;
  /** Processes and threads of the control group. */
  readonly pids: number;
  /** Beside those of the profile. On the host's kernel all containers have one user to count by. */
  readonly ulimits: Readonly<Record<string, number>>;
}

function beneath(folder: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${folder}/${name}`);
}
