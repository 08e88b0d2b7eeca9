import type { Mutation } from "./mutations.ts";

const list = "sandbox/isolate/filter/allowed-system-calls.ts";
const filter = "sandbox/isolate/filter/system-call-filter.ts";
const program = "sandbox/isolate/filter/filter-program.ts";
const unit = "sandbox/isolate/filter/system-call-filter.test.ts";
const seccomp = "tests/security/isolate-seccomp.test.ts";

/** Each call that ends who makes it. */
const deadly = [
  ...["ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd"],
  ...["pidfd_send_signal", "unshare", "setns", "chroot", "pivot_root", "mount", "umount2"],
  ...["fsopen", "fsmount", "open_tree", "move_mount", "mount_setattr", "open_by_handle_at"],
  ...["name_to_handle_at", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key"],
  ...["request_key", "init_module", "finit_module", "delete_module", "kexec_load"],
  ...["kexec_file_load", "reboot", "personality", "seccomp"],
];

/** What an allowed call's arguments may be. */
const conditions: readonly (readonly [what: string, from: string])[] = [
  ["no opening to write", "    when: [[{ argument: 2, mask: bits.openToWrite, is: 0 }]],\n"],
  ["the same by the older call", "    when: [[{ argument: 1, mask: bits.openToWrite, is: 0 }]],\n"],
  ["few words to files", "    when: isOneOf(1, [0, 1, 2, 3, 4, 1030]),\n"],
  ["few words to devices", "    when: isOneOf(1, [0x5401, 0x541b, 0x5421, 0x5451]),\n"],
  ["few words of its own", "    when: isOneOf(0, [15, 0x5356_4d41]),\n"],
  ["no signal to others", "    when: isOneOf(0, [1]),\n"],
  ["no new limit", "        { argument: 2, is: 0 },\n"],
  ["no new limit, by its upper half", "        { argument: 2, isUpper: true, is: 0 },\n"],
  ["no new memory is code", "        { argument: 3, mask: bits.mapAnonymous, is: 0 },\n"],
  [
    "memory that was written never becomes code",
    "    when: [[{ argument: protection, mask: bits.protExec, is: 0 }]],\n",
  ],
];

/** What a worker may ask of the kernel. */
export const filterMutations: readonly Mutation[] = [
  ...deadly.map((call) => ({
    takesOut: `\`${call}\` ends who calls it`,
    ...{ file: list, from: `"${call}"`, to: call === "reboot" ? '"ptrace"' : '"reboot"' },
    test: unit,
  })),
  ...conditions.map(([what, from]) => ({ takesOut: what, file: list, from, to: "", test: unit })),
  {
    takesOut: "threads alone",
    file: list,
    from: 'calls: ["clone"],\n    when: [[{ argument: 0, mask: bits.cloneThread + bits.cloneElse, is: bits.cloneThread }]],',
    to: 'calls: ["clone", "fork", "vfork"],',
    test: unit,
  },
  {
    takesOut: "threads are no namespaces",
    ...{ file: list, from: "cloneElse: 0x7e02_6080", to: "cloneElse: 0" },
    test: unit,
  },
  {
    takesOut: "no file is written that can be run",
    file: list,
    from: "mask: bits.protExec + bits.protWrite, is: bits.protExec }",
    to: "mask: bits.protExec, is: bits.protExec }",
    test: unit,
  },
  {
    takesOut: "what stands on no list is unknown",
    ...{
      file: filter,
      from: "rules, otherwise: { error: ENOSYS }",
      to: 'rules, otherwise: "allow"',
    },
    test: unit,
  },
  {
    takesOut: "what breaks a condition is refused",
    ...{
      file: filter,
      from: 'verdict: "allow", otherwise: { error: EPERM }',
      to: 'verdict: "allow", otherwise: "allow"',
    },
    test: unit,
  },
  {
    takesOut: "machine code for those alone that may make it",
    ...{
      file: filter,
      from: "jit ? withMachineCode : withoutMachineCode",
      to: "jit ? withMachineCode : withMachineCode",
    },
    test: unit,
  },
  {
    takesOut: "a question is asked of its whole argument",
    ...{ file: program, from: "(isUpper ? 4 : 0)", to: "0" },
    test: unit,
  },
  {
    takesOut: "the kernel has the filter",
    file: "sandbox/isolate/jail/bubblewrap.ts",
    from: '["--seccomp", String(filterDescriptor)]',
    to: "[]",
    test: seccomp,
  },
];
