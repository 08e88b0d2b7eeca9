import { test } from "tap";
import { absentCalls, allowedCalls } from "./allowed-calls.ts";
import { seccompProfile } from "./seccomp.ts";

const named = allowedCalls.flatMap(({ names }) => names);

test("each call stands in one place, and each place has a reason", (t) => {
  const all = [...named, ...absentCalls];
  t.strictSame(all, [...new Set(all)]);
  for (const { because, names } of allowedCalls) {
    t.ok(because.length > 0 && names.length > 0, because);
  }
  t.end();
});

/** By what a way out of a container, or into its neighbours, has been found or is looked for. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  namespaces: ["unshare", "setns", "chroot", "pivot_root"],
  mounts: ["mount", "umount2", "fsopen", "fsmount", "fspick", "open_tree", "move_mount"],
  "attributes of mounts": ["mount_setattr", "fsconfig", "quotactl", "swapon"],
  "other processes": ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"],
  "handles of files": ["open_by_handle_at", "name_to_handle_at"],
  "large parts of the kernel": ["bpf", "perf_event_open", "userfaultfd", "io_uring_setup"],
  keys: ["keyctl", "add_key", "request_key"],
  "the kernel itself": ["init_module", "finit_module", "delete_module", "kexec_load", "reboot"],
  "other users": ["setuid", "setgid", "setresuid", "setresgid", "setgroups", "capset"],
  devices: ["mknod", "mknodat", "ioperm", "iopl"],
  "files without a name": ["memfd_create", "memfd_secret", "execveat"],
  "pipes into files": ["splice", "tee", "vmsplice"],
  "old ways": ["modify_ldt", "personality", "uselib", "remap_file_pages", "lookup_dcookie"],
  "clocks of the machine": ["settimeofday", "clock_settime", "adjtimex", "clock_adjtime"],
  "shared memory": ["shmget", "shmat", "semget", "msgget", "mq_open"],
  "what is counted over all containers": ["inotify_init1", "io_setup", "timer_create", "mq_notify"],
  "disks of the machine": ["sync", "syncfs", "sync_file_range"],
  filters: ["seccomp"],
  "the log of the kernel": ["syslog"],
};

for (const [what, names] of Object.entries(forbidden)) {
  test(`no call for ${what}`, (t) => {
    t.strictSame(
      names.filter((name) => named.includes(name)),
      [],
    );
    t.end();
  });
}

test("what is not on the list is refused; what is allowed has no other rule", (t) => {
  const { defaultAction, syscalls } = JSON.parse(seccompProfile()) as Filter;
  t.equal(defaultAction, "SCMP_ACT_ERRNO");
  const bare = syscalls.filter(({ args = [] }) => args.length === 0).flatMap(({ names }) => names);
  const asked = syscalls.filter(({ args = [] }) => args.length > 0).flatMap(({ names }) => names);
  t.strictSame(
    bare.filter((name) => asked.includes(name)),
    [],
    "a rule without conditions would undo those with some",
  );
  t.end();
});

interface Filter {
  readonly defaultAction: string;
  readonly syscalls: readonly { readonly names: readonly string[]; readonly args?: unknown[] }[];
}
