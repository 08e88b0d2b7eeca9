/** Calls that a program in a container may make; the rest is refused with `EPERM`. */
export interface AllowedCalls {
  /** Of whatever machine; a name that one does not know does not count there. */
  readonly names: readonly string[];
  /** One of these has to be met; all of its conditions together. Without any, every call is. */
  readonly when?: readonly (readonly Condition[])[];
  readonly because: string;
}

/** Of one argument: its bits under `mask`, or all of them. */
export interface Condition {
  readonly argument: number;
  readonly mask?: number;
  readonly is: number;
}

/** `MSG_OOB`. */
const urgent = 1;

export const allowedCalls: readonly AllowedCalls[] = [
  {
    names: [
      ...["read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev"],
      ...["preadv2", "pwritev2", "lseek", "open", "openat", "openat2", "creat", "close"],
      ...["close_range", "dup", "dup2", "dup3", "flock", "sendfile", "copy_file_range"],
    ],
    because: "files, and copies of them",
  },
  {
    names: [
      ...["stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"],
      ...["readlink", "readlinkat", "getdents", "getdents64", "getcwd", "statfs", "fstatfs"],
      ...["getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr"],
    ],
    because: "what there is",
  },
  {
    names: [
      ...["mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2"],
      ...["link", "linkat", "symlink", "symlinkat", "truncate", "ftruncate", "fallocate"],
      ...["chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown", "umask"],
      ...["utime", "utimes", "futimesat", "utimensat", "chdir", "fchdir"],
      ...["fsync", "fdatasync", "fadvise64"],
    ],
    because: "changes in its own folders; without `mknod`, and without syncs of whole disks",
  },
  {
    names: [
      ...["mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "msync", "mincore"],
      ...["membarrier", "pkey_alloc", "pkey_free", "pkey_mprotect"],
    ],
    because: "memory; without `memfd_create`, through which a written file would run",
  },
  {
    names: ["fork", "vfork", "execve", "exit", "exit_group", "wait4", "waitid"],
    because: "programs that run programs",
  },
  {
    names: ["clone"],
    // `CLONE_NEW*`.
    when: [[{ argument: 0, mask: 0x7e02_0000, is: 0 }]],
    because: "processes and threads; never in a namespace of their own",
  },
  {
    names: [
      ...["getpid", "getppid", "gettid", "getpgid", "getpgrp", "getsid", "setpgid", "setsid"],
      ...["set_tid_address", "set_robust_list", "get_robust_list", "rseq", "arch_prctl"],
      ...["getpriority", "setpriority", "getrlimit", "setrlimit", "prlimit64", "getrusage"],
      ...["sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam", "getcpu"],
      ...["sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min"],
    ],
    because: "itself: its threads, its limits, its turn; limits fall and do not rise",
  },
  {
    names: ["prctl"],
    // Dumpable, names of threads and memory, the parent's death, orphans, no new privileges.
    when: oneOf(0, [1, 2, 3, 4, 15, 16, 23, 29, 30, 36, 37, 38, 39, 0x5356_4d41]),
    because: "its names, and rights to give away",
  },
  {
    names: [
      ...["getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups"],
      ...["capget", "uname", "sysinfo", "getrandom"],
    ],
    because: "who and where it is; it becomes nobody else",
  },
  {
    names: [
      ...["rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend"],
      ...["rt_sigtimedwait", "sigaltstack", "restart_syscall", "pause", "kill", "tkill", "tgkill"],
      ...["signalfd", "signalfd4"],
    ],
    because: "signals among its own processes",
  },
  {
    names: [
      ...["clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday"],
      ...["time", "times", "alarm", "getitimer", "setitimer"],
      ...["timerfd_create", "timerfd_settime", "timerfd_gettime"],
    ],
    because: "clocks; without timers that are counted over all processes of one user",
  },
  {
    names: [
      ...["futex", "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1"],
      ...["epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2"],
      ...["pipe", "pipe2"],
    ],
    because: "waiting; without `inotify`, which is counted over all processes of one user",
  },
  {
    names: ["fcntl"],
    // Copies, flags, locks, and how large a pipe is: no owners, signals, leases, notices or sizes.
    when: oneOf(1, [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032]),
    because: "flags and locks of files",
  },
  {
    names: ["ioctl"],
    // Terminals' settings and sizes; how much can be read, not to wait, to close on exec.
    when: oneOf(1, [
      ...[0x5401, 0x5402, 0x5403, 0x5404, 0x540f, 0x5410, 0x5413, 0x5414, 0x541b, 0x5421],
      ...[0x5450, 0x5451],
    ]),
    because: "whether a stream is a terminal; of the kernel's drivers, no more",
  },
  {
    names: ["socket"],
    when: [
      [{ argument: 0, is: 1 }],
      ...[2, 10].flatMap((family) =>
        [0, 6].map((protocol) => [
          { argument: 0, is: family },
          // `SOCK_STREAM`, beside flags.
          { argument: 1, mask: 0xf, is: 1 },
          { argument: 2, is: protocol },
        ]),
      ),
    ],
    because: "the socket of its way out, and TCP on `lo`, where a forwarder of ours listens",
  },
  {
    names: ["socketpair"],
    when: [[{ argument: 0, is: 1 }]],
    because: "pipes with two directions",
  },
  {
    names: [
      ...["bind", "listen", "accept", "accept4", "connect", "shutdown", "getsockname"],
      ...["getpeername", "getsockopt"],
    ],
    because: "what sockets are for",
  },
  {
    names: ["sendto", "sendmmsg", "recvfrom", "recvmmsg"],
    when: [[{ argument: 3, mask: urgent, is: 0 }]],
    because: "what is said on them; nothing urgent, by which programs got into the kernel",
  },
  {
    names: ["sendmsg", "recvmsg"],
    when: [[{ argument: 2, mask: urgent, is: 0 }]],
    because: "the same in parts",
  },
  {
    names: ["setsockopt"],
    when: [
      // Addresses used again, life signs, lingering, credentials, times to wait.
      ...options(1, [2, 9, 13, 15, 16, 20, 21]),
      // Of TCP: no delay, corks, life signs, early data, quick answers, a time for all of it.
      ...options(6, [1, 3, 4, 5, 6, 9, 12, 18]),
      // IPv6 alone.
      ...options(41, [26]),
    ],
    because: "manners of sockets; no larger buffers, no other protocol on top of TCP, no filters",
  },
];

/** Not there, instead of forbidden: the C library then does without. */
export const absentCalls: readonly string[] = ["clone3", "fchmodat2", "futex_waitv"];

/** At one level of `setsockopt`. */
function options(level: number, names: readonly number[]): readonly (readonly Condition[])[] {
  return names.map((is) => [
    { argument: 1, is: level },
    { argument: 2, is },
  ]);
}

function oneOf(argument: number, values: readonly number[]): readonly (readonly Condition[])[] {
  return values.map((is) => [{ argument, is }]);
}
