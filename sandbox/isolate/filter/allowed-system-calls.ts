import type { Question, Rule } from "./filter-program.ts";

export interface Entry extends Partial<Omit<Rule, "number">> {
  /** By the names of `system-calls.ts`. */
  readonly calls: readonly string[];
  /** Why it is here. */
  readonly because: string;
}

const errors = { EPERM: 1, EROFS: 30 } as const;

/** Bits of arguments; the same on both machines. */
const bits = {
  protWrite: 0x2,
  protExec: 0x4,
  mapAnonymous: 0x20,
  cloneThread: 0x1_0000,
  /** `CLONE_NEW*`, `CLONE_VFORK` and `CLONE_PTRACE`. */
  cloneElse: 0x7e02_6080,
  /** `O_WRONLY`, `O_RDWR`, `O_CREAT`, `O_TRUNC`, `O_TMPFILE`. */
  openToWrite: 0x40_0243,
} as const;

const protection = 2;

function isOneOf(argument: Question["argument"], values: readonly number[]): Question[][] {
  return values.map((is) => [{ argument, is }]);
}

/** The most frequent first: the kernel asks from the top. */
export const allowed: readonly Entry[] = [
  {
    calls: ["futex", "read", "write", "readv", "writev", "pread64"],
    because: "its threads wait for each other; its pipes; its libraries are read when it starts",
  },
  {
    calls: ["munmap", "mremap", "madvise", "brk", "membarrier"],
    because: "memory that it has may go, grow or move; it never becomes code by that",
  },
  {
    calls: [
      "clock_gettime",
      "clock_getres",
      "clock_nanosleep",
      "gettimeofday",
      "time",
      "nanosleep",
    ],
    because: "clocks; most machines answer them without the kernel",
  },
  {
    calls: ["epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "poll", "ppoll", "eventfd2"],
    because: "the event loop",
  },
  { calls: ["pipe2"], because: "the event loop's own signals" },
  {
    calls: ["close", "fstat", "lseek", "shutdown", "getsockname", "getsockopt"],
    because: "what it was given; Node asks of its three pipes what they are",
  },
  {
    calls: ["newfstatat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2"],
    because: "looks at names, of which the view has few; some are only musl's",
  },
  {
    calls: ["readlink", "readlinkat", "getcwd", "getdents64"],
    because: "the same",
  },
  {
    calls: ["openat"],
    when: [[{ argument: 2, mask: bits.openToWrite, is: 0 }]],
    otherwise: { error: errors.EROFS },
    because: "its libraries and the addon, to read",
  },
  {
    calls: ["open"],
    when: [[{ argument: 1, mask: bits.openToWrite, is: 0 }]],
    otherwise: { error: errors.EROFS },
    because: "musl opens by the older call",
  },
  {
    calls: ["fcntl"],
    // F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC.
    when: isOneOf(1, [0, 1, 2, 3, 4, 1030]),
    because: "flags of its pipes; no locks, leases, seals or signals",
  },
  {
    calls: ["ioctl"],
    // TCGETS, FIONREAD, FIONBIO, FIOCLEX.
    when: isOneOf(1, [0x5401, 0x541b, 0x5421, 0x5451]),
    because: "whether its pipes are terminals, how full they are, not to wait for them",
  },
  {
    calls: ["clone"],
    when: [[{ argument: 0, mask: bits.cloneThread + bits.cloneElse, is: bits.cloneThread }]],
    because: "threads of this process; never a process",
  },
  {
    calls: ["set_robust_list", "rseq", "set_tid_address", "arch_prctl", "exit", "exit_group"],
    because: "each thread begins and ends so",
  },
  {
    calls: ["sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler"],
    because: "how many processors there are, and whose turn it is",
  },
  {
    calls: ["prctl"],
    // PR_SET_NAME, PR_SET_VMA.
    when: isOneOf(0, [15, 0x5356_4d41]),
    because: "names of threads and of memory",
  },
  {
    calls: ["prlimit64"],
    when: [
      [
        { argument: 2, is: 0 },
        { argument: 2, isUpper: true, is: 0 },
      ],
    ],
    because: "reads its limits; without new ones",
  },
  {
    calls: ["getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "capget"],
    because: "Node asks who it is when it reads an environment variable",
  },
  {
    calls: ["uname", "sysinfo", "getrusage", "getrandom"],
    because: "what the machine is, what has been used up, where keys of hash tables come from",
  },
  {
    calls: ["rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"],
    because: "its own handlers",
  },
  {
    calls: ["tgkill"],
    // The first process of its namespace, as a worker always is.
    when: isOneOf(0, [1]),
    because: "a process that aborts sends itself the signal",
  },
  {
    calls: ["execve"],
    because: "the launcher's last step comes after the filter; there is only Node to run",
  },
  {
    calls: [
      ...["socket", "socketpair", "kill", "fork", "vfork"],
      ...["setuid", "setresuid", "setgid", "setresgid", "setgroups"],
    ],
    verdict: { error: errors.EPERM },
    because: "forbidden, and not unknown: Node has functions for these, which say so",
  },
  {
    calls: [
      ...["mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2"],
      ...["link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "creat", "truncate"],
      ...["chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "ftruncate", "utimensat"],
    ],
    verdict: { error: errors.EROFS },
    because: "the same for what changes files",
  },
];

export const withoutMachineCode: readonly Entry[] = [
  {
    calls: ["mmap"],
    when: [
      [{ argument: protection, mask: bits.protExec, is: 0 }],
      // Out of a file, of which none can be written; and not to be written either.
      [
        { argument: protection, mask: bits.protExec + bits.protWrite, is: bits.protExec },
        { argument: 3, mask: bits.mapAnonymous, is: 0 },
      ],
    ],
    because: "memory; as code only what libraries and the addon bring along",
  },
  {
    calls: ["mprotect"],
    when: [[{ argument: protection, mask: bits.protExec, is: 0 }]],
    because: "memory that was written never becomes code",
  },
];

export const withMachineCode: readonly Entry[] = [
  { calls: ["mmap", "mprotect"], because: "memory, and code that V8 makes in it" },
];

/** No Node ever makes these: who does has taken the process over, and is not answered any more. */
export const deadly: readonly Entry[] = [
  {
    calls: ["ptrace", "process_vm_readv", "process_vm_writev", "kcmp"],
    verdict: "kill",
    because: "other processes' memory",
  },
  {
    calls: ["pidfd_open", "pidfd_getfd", "pidfd_send_signal"],
    verdict: "kill",
    because: "other processes and their files",
  },
  {
    calls: ["unshare", "setns", "chroot", "pivot_root", "mount", "umount2"],
    verdict: "kill",
    because: "another view of the machine",
  },
  {
    calls: ["fsopen", "fsmount", "open_tree", "move_mount", "mount_setattr"],
    verdict: "kill",
    because: "the same, newer",
  },
  {
    calls: ["open_by_handle_at", "name_to_handle_at"],
    verdict: "kill",
    because: "files without a path",
  },
  {
    calls: ["bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key"],
    verdict: "kill",
    because: "parts of the kernel that many an escape went through",
  },
  {
    calls: ["init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"],
    verdict: "kill",
    because: "the kernel itself",
  },
  {
    calls: ["reboot", "personality", "seccomp"],
    verdict: "kill",
    because: "the machine, or this filter",
  },
];
