import type { Mutation } from "./mutations.ts";

const folder = "sandbox/container/profile";
const golden = `${folder}/create-options.test.ts`;
const calls = `${folder}/seccomp.test.ts`;

type Change = readonly [takesOut: string, from: string, to: string];

/** Each field of the profile, switched off or raised. */
const fields: readonly Change[] = [
  ["programs are nobody", 'user: "65532:65532"', 'user: "0:0"'],
  ["programs begin where they may write", 'workingDir: "/work"', 'workingDir: "/"'],
  ["the name of a container says nothing", 'hostname: "sandbox"', 'hostname: ""'],
  ["the environment is fixed", '    "HOME=/work",\n', ""],
  ["no capability", 'capDrop: ["ALL"]', "capDrop: []"],
  ["no new privileges", 'securityOpt: ["no-new-privileges"]', "securityOpt: []"],
  ["a read-only root", "readonlyRootfs: true", "readonlyRootfs: false"],
  ["a size of /tmp", "mib: 16,", "mib: 16_384,"],
  ["a size of /work", "mib: 32,", "mib: 32_768,"],
  ["a number of files in /tmp", "files: 1_024", "files: 0"],
  ["a number of files in /work", "files: 4_096", "files: 0"],
  ["nothing that is written runs", "rw,noexec,nosuid", "rw,nosuid"],
  ["folders of the user's own", "mode=0700,uid=65532,gid=65532", "mode=0777"],
  ["no network", 'networkMode: "none"', 'networkMode: "bridge"'],
  ["the engine has no part in the network", "networkDisabled: true", "networkDisabled: false"],
  ["no name server of the host's", 'dns: ["127.0.0.1"]', "dns: []"],
  ["no search domain of the host's", 'dnsSearch: ["."]', "dnsSearch: []"],
  ["no shared memory", 'ipcMode: "none"', 'ipcMode: "private"'],
  ["an own view of control groups", 'cgroupnsMode: "private"', 'cgroupnsMode: "host"'],
  ["a number of processes", "processes: 64", "processes: 64_000"],
  ["one processor", "nanoCpus: 1_000_000_000", "nanoCpus: 0"],
  ["sandboxes go first", "oomScoreAdj: 900", "oomScoreAdj: 0"],
  ["no dumps", "core: 0", "core: -1"],
  ["a size of one file", "fsize: 33_554_432", "fsize: -1"],
  ["a number of descriptors", "nofile: 256", "nofile: 1_048_576"],
  [
    "what a connection receives is bounded",
    '"net.ipv4.tcp_rmem": "4096 16384 16384"',
    '"net.ipv4.tcp_rmem": "4096 131072 6291456"',
  ],
  [
    "what a connection sends is bounded",
    '"net.ipv4.tcp_wmem": "4096 16384 16384"',
    '"net.ipv4.tcp_wmem": "4096 16384 4194304"',
  ],
  ["no pair of terminals", '    "/dev/pts",\n', ""],
  ["no group of an image's", '    "/etc/group",\n', ""],
  ["no locked memory", "memlock: 0", "memlock: -1"],
  ["no queues", "msgqueue: 0", "msgqueue: 819_200"],
  ["a first process that reaps", "init: true", "init: false"],
  ["nobody asks a container to end", 'stopSignal: "SIGKILL"', 'stopSignal: "SIGTERM"'],
  ["nothing is started again", 'Name: "no"', 'Name: "always"'],
  ["no image's own check", 'Test: ["NONE"]', "Test: []"],
  ["no log file", 'Type: "none"', 'Type: "json-file"'],
  ["the kernel's memory is masked", '"kcore", ', ""],
  ["what the machine is made of is masked", '"class", ', ""],
  ["settings of the kernel are read-only", '"/proc/sys", ', ""],
  ["gVisor is gVisor", 'runtime: "runsc"', 'runtime: "runc"'],
  ["gVisor's memory is bounded", "memoryOverheadMb: 64", "memoryOverheadMb: 65_536"],
  ["gVisor's threads are bounded", "pids: 1_088", "pids: 0"],
  ["gVisor counts processes", "ulimits: { nproc: profile.processes }", "ulimits: {}"],
  [
    "programs are found where an image has them",
    '    "PATH=/usr/local/sbin',
    '    "PATH=/work:/usr/local/sbin',
  ],
  ["drafts of programs have a folder", '    "TMPDIR=/tmp",\n', ""],
  ["texts are UTF-8", '    "LANG=C.UTF-8",\n', ""],
  ["no set-user-id in what is written", "noexec,nosuid,nodev", "noexec,nodev"],
  ["no device in what is written", "nosuid,nodev,mode", "nosuid,mode"],
  ["nothing is started again, not once", "MaximumRetryCount: 0", "MaximumRetryCount: 9"],
  ["containers are runc's", 'runtime: "runc"', 'runtime: "crun"'],
  ["containers have no memory beside the tool's", "memoryOverheadMb: 0", "memoryOverheadMb: 512"],
  ["a container's processes are bounded", "pids: profile.processes", "pids: 0"],
  ["files of buses are read-only", '"/proc/bus", ', ""],
  ["files of file systems are read-only", '"/proc/fs", ', ""],
  ["interrupts are read-only", '"/proc/irq", ', ""],
  ["nobody asks the kernel for its emergencies", ', "/proc/sysrq-trigger"', ""],
  ...maskedLines().map(
    (line): Change => [`what the kernel tells is masked: ${/"(.+?)"/.exec(line)?.[1]}`, line, ""],
  ),
];

/** Of `profile.ts`, each on a line of its own; two of their names have mutations of their own. */
function maskedLines(): readonly string[] {
  return [
    '      ...["acpi", "asound", "buddyinfo", "cmdline", "config.gz", "consoles", "crypto"],\n',
    '      ...["diskstats", "dma", "driver", "dynamic_debug", "fb", "interrupts", "iomem", "ioports"],\n',
    '      ...["kpageflags", "latency_stats", "locks", "modules", "mtrr", "pagetypeinfo"],\n',
    '      ...["partitions", "pressure", "sched_debug", "schedstat", "scsi", "slabinfo", "softirqs"],\n',
    '      ...["swaps", "timer_list", "timer_stats", "tty", "vmallocinfo", "vmstat", "zoneinfo"],\n',
    '      ...["module", "power", "fs/bpf", "fs/btrfs", "fs/erofs", "fs/ext4", "fs/f2fs", "fs/fuse"],\n',
    '      ...["fs/nfs", "fs/pstore", "fs/selinux", "fs/xfs"],\n',
  ];
}

/** Each word that the engine is told. */
const words = [
  ...["Image: image.id", "Cmd: words", "Env: [...profile.env, ...takenOut(image.env)]"],
  ...["User: profile.user", "WorkingDir: profile.workingDir", "Hostname: profile.hostname"],
  ...["Tty: false", "OpenStdin: true", "StdinOnce: true", "AttachStdin: true"],
  ...["AttachStdout: true", "AttachStderr: true", "StopSignal: profile.stopSignal"],
  ...["Labels: input.labels", "Runtime: runtime", "CapDrop: profile.capDrop"],
  "ReadonlyRootfs: profile.readonlyRootfs",
  "Tmpfs: Object.fromEntries(Object.entries(profile.folders).map(folder))",
  ...["Mounts: mountsOf(input)", "NetworkMode: profile.networkMode", "Dns: profile.dns"],
  "NetworkDisabled: profile.networkDisabled",
  ...["DnsSearch: profile.dnsSearch", "IpcMode: profile.ipcMode", "Sysctls: profile.sysctls"],
  ...["CgroupnsMode: profile.cgroupnsMode", "...amounts(input)"],
  ...["OomScoreAdj: profile.oomScoreAdj", "Init: profile.init", "AutoRemove: false"],
  ...["RestartPolicy: profile.restartPolicy", "LogConfig: profile.logConfig"],
  ...["MaskedPaths: profile.maskedPaths", "ReadonlyPaths: profile.readonlyPaths"],
  ...["Memory: bytes", "NanoCpus: profile.nanoCpus", "PidsLimit: pids"],
];

const told: readonly Change[] = [
  ["an image's own entry is ignored", "Entrypoint: [program],", ""],
  ["what an image sets is taken out", "...takenOut(image.env)", ""],
  ["an image's own check is ignored", "    Healthcheck: profile.healthcheck,\n", ""],
  [
    "the filter of calls",
    "SecurityOpt: [...profile",
    "SecurityOpt: profile.securityOpt, Unused: [...profile",
  ],
  ["no swap", "MemorySwap: bytes", "MemorySwap: -1"],
  ["a request lowers memory", "lowest(request.limits.memoryMb, launchable", "lowest(launchable"],
  ["a manifest is a ceiling", "launchable.memoryMb, ceiling", "ceiling"],
  ["memory has a ceiling of its own", "launchable.memoryMb, ceiling", "launchable.memoryMb"],
  ["what is no amount is refused", "if (!amounts.every(isAmount))", "if (amounts.length === 0)"],
  [
    "processor time has a manifest's end",
    "lowest(request.limits.cpuMs, launchable.cpuMs)",
    "lowest(request.limits.cpuMs)",
  ],
  ["a program hears of its end once", "Hard: seconds + 1", "Hard: seconds + 100"],
  [
    "mounts are read-only",
    "Target: target, ReadOnly: true, BindOptions",
    "Target: target, ReadOnly: false, BindOptions",
  ],
  [
    "nothing beneath a mount comes along",
    "NonRecursive: true } as const",
    "NonRecursive: false } as const",
  ],
  [
    "nothing is mounted through",
    'Propagation: "rprivate", NonRecursive: true } as',
    'Propagation: "rshared", NonRecursive: true } as',
  ],
  ["an image gets no volume", "    ...image.volumes.map(covered),\n", ""],
  [
    "nothing is written where a volume was",
    'tmpfs", Target: target, ReadOnly: true',
    'tmpfs", Target: target, ReadOnly: false',
  ],
  ["what covers a volume has a size", "SizeBytes: 4_096", "SizeBytes: 0"],
  ["mounts lie in the workspace", "`/workspace/", "`/"],
  [
    "who has no way out is shown none",
    '...(socketFolder === undefined ? [] : [bound(socketFolder, "/run/ringward")])',
    'bound(socketFolder ?? "/run", "/run/ringward")',
  ],
  ["folders have a size", ",size=", ",unused="],
  ["folders have a number of files", ",nr_inodes=", ",unused="],
  ["processor time is bounded", "[cpuUlimit(cpuMs), ...", "[..."],
  [
    "the profile's limits are told",
    "...Object.entries({ ...profile.ulimits, ...ulimits }).map(ulimit)]",
    "]",
  ],
  ["the tier's limits are told", "{ ...profile.ulimits, ...ulimits }", "{ ...profile.ulimits }"],
  ["no program raises a limit", "Soft: most, Hard: most", "Soft: most, Hard: -1"],
  ["gVisor's own memory comes on top", "(memoryMb + memoryOverheadMb)", "memoryMb"],
  [
    "a request lowers processor time",
    "lowest(request.limits.cpuMs, launchable.cpuMs)",
    "lowest(launchable.cpuMs)",
  ],
  ["what is no whole number is no amount", "Number.isSafeInteger(one) && ", ""],
  ["nothing is no amount", " && one > 0", ""],
  ["what the profile sets is not taken out", " && !kept.includes(name)", ""],
  ["what has no name is not taken out", 'name !== "" && ', ""],
  ...words.map((word): Change => [`the engine is told \`${word}\``, `    ${word},\n`, ""]),
];

const allowed: readonly Change[] = [
  ["threads and processes get no namespace", "mask: 0x7e02_0000", "mask: 0"],
  [
    "no other family of sockets",
    "[{ argument: 0, is: 1 }],\n      ...[2, 10]",
    "[{ argument: 0, is: 1 }],\n      ...[2, 10, 16]",
  ],
  ["no datagram", "{ argument: 1, mask: 0xf, is: 1 }", "{ argument: 1, mask: 0, is: 0 }"],
  ["no driver but a terminal's", "0x5450, 0x5451", "0x5450, 0x5412"],
  ["no connection holds more", "[2, 9, 13,", "[2, 7, 8, 9, 13,"],
  ["no other protocol on top of TCP", "9, 12, 18]", "9, 12, 18, 31]"],
];

export const profileMutations: readonly Mutation[] = [
  ...rows("profile.ts", golden, fields),
  ...rows("create-options.ts", golden, told),
  ...rows("allowed-calls.ts", golden, allowed),
  ...rows("seccomp.ts", calls, [
    [
      "what is not named is refused",
      'defaultAction: "SCMP_ACT_ERRNO"',
      'defaultAction: "SCMP_ACT_ALLOW"',
    ],
  ]),
  ...rows("allowed-calls.ts", calls, [
    ["no other process is traced", '"execve", "exit"', '"execve", "ptrace", "exit"'],
    ["no pipe into a file", '"flock", "sendfile"', '"flock", "splice", "sendfile"'],
  ]),
];

function rows(file: string, test: string, changes: readonly Change[]): readonly Mutation[] {
  return changes.map(([takesOut, from, to]) => {
    return { takesOut, file: `${folder}/${file}`, from, to, test };
  });
}
