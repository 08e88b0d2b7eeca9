import type { Mutation } from "./mutations.ts";

const jail = "sandbox/isolate/jail/jail.ts";
const bubblewrap = "sandbox/isolate/jail/bubblewrap.ts";
const utilLinux = "sandbox/isolate/jail/util-linux.ts";

const standing = "tests/security/isolate-jail.test.ts";
const ownTools = "tests/security/isolate-proof-util-linux.test.ts";
const ways = "tests/security/escaped-worker.test.ts";

/** What a launcher puts around a worker, and what the gateway asks of it. */
export const wallsMutations: readonly Mutation[] = [
  {
    takesOut: "the interpreter alone",
    ...{ file: jail, from: '...(jit ? [] : ["--jitless"]),', to: "" },
    test: ways,
  },
  {
    takesOut: "bounded address space",
    file: jail,
    from: "`--as=",
    to: "`--rss=",
    test: standing,
  },
  {
    takesOut: "bounded processor time",
    ...{ file: jail, from: "`--cpu=", to: "`--rttime=" },
    test: standing,
  },
  {
    takesOut: "bounded descriptors",
    ...{ file: jail, from: "`--nofile=", to: "`--msgqueue=" },
    test: standing,
  },
  {
    takesOut: "bounded processes",
    ...{ file: jail, from: "`--nproc=", to: "`--msgqueue=" },
    test: standing,
  },
  {
    takesOut: "no core dump",
    ...{ file: jail, from: '"--core=0",', to: '"--core=1",' },
    test: standing,
  },
  {
    takesOut: "no file grows",
    ...{ file: jail, from: '"--fsize=0",', to: "" },
    test: standing,
  },
  {
    takesOut: "no network (bubblewrap)",
    ...{ file: bubblewrap, from: '"--unshare-all", ', to: '"--unshare-all", "--share-net", ' },
    test: standing,
  },
  {
    takesOut: "no shared memory (bubblewrap)",
    file: bubblewrap,
    from: '"--unshare-all", ',
    to: '"--unshare-pid", "--unshare-net", "--unshare-uts", ',
    test: standing,
  },
  {
    takesOut: "an own name of the machine (bubblewrap)",
    file: bubblewrap,
    from: '"--unshare-all", ',
    to: '"--unshare-pid", "--unshare-net", "--unshare-ipc", ',
    test: standing,
  },
  {
    takesOut: "no capability (bubblewrap)",
    ...{ file: bubblewrap, from: '"--cap-drop", "ALL", ', to: "" },
    test: standing,
  },
  {
    takesOut: "an empty environment (bubblewrap)",
    ...{ file: bubblewrap, from: '"--clearenv", ', to: '"--setenv", "A", "b", ' },
    test: standing,
  },
  {
    takesOut: "first of its processes (bubblewrap)",
    ...{ file: bubblewrap, from: ', "--as-pid-1"]', to: "]" },
    test: standing,
  },
  {
    takesOut: "a root that is read-only (bubblewrap)",
    ...{ file: bubblewrap, from: '"--remount-ro", "/", ', to: "" },
    test: ways,
  },
  {
    takesOut: "no network (util-linux)",
    ...{ file: utilLinux, from: '["--net", "--pid"', to: '["--pid"' },
    test: ways,
  },
  {
    takesOut: "no other process (util-linux)",
    ...{ file: utilLinux, from: '"--pid", "--ipc"', to: '"--ipc"' },
    test: ownTools,
  },
  {
    takesOut: "an own name of the machine (util-linux)",
    ...{ file: utilLinux, from: '"--ipc", "--uts"', to: '"--ipc"' },
    test: ownTools,
  },
  {
    takesOut: "no shared memory (util-linux)",
    ...{ file: utilLinux, from: '"--pid", "--ipc"', to: '"--pid"' },
    test: ownTools,
  },
  {
    takesOut: "no new privileges (util-linux)",
    ...{ file: utilLinux, from: '[setpriv, "--no-new-privs", prlimit', to: "[prlimit" },
    test: ownTools,
  },
  {
    takesOut: "an empty environment (util-linux)",
    ...{ file: utilLinux, from: 'env, "-i"]', to: 'env, "A=b"]' },
    test: ways,
  },
  {
    takesOut: "the view alone (util-linux)",
    ...{ file: utilLinux, from: "`--root=", to: "`--wd=" },
    test: ways,
  },
];
