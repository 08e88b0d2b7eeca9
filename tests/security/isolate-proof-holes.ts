import type { Jail, LauncherName } from "../../sandbox/isolate/jail/jail.ts";
import { withoutFilter } from "./isolate-intruder.ts";

/** One wall left out of the jail, and the walls that a proof has to miss then. */
export interface Hole {
  readonly leftOut: string;
  readonly alter: (jail: Jail) => Jail;
  readonly missed: readonly string[];
}

export const holes: Readonly<Record<LauncherName, readonly Hole[]>> = {
  "util-linux": [
    {
      leftOut: "the network namespace",
      alter: dropping("--net"),
      missed: ["own net namespace", "no network", "no socket by name", "nobody came out"],
    },
    {
      leftOut: "the process namespace",
      alter: dropping("--pid"),
      missed: [
        ...["own pid namespace", "first of its processes", "nobody to signal", "nothing left"],
      ],
    },
    { leftOut: "the IPC namespace", alter: dropping("--ipc"), missed: ["own ipc namespace"] },
    { leftOut: "the host name's", alter: dropping("--uts"), missed: ["own uts namespace"] },
    {
      leftOut: "the last user namespace",
      alter: replacingLast("--user", "--mount"),
      missed: ["nobody's user id", "no capability", "no rise to root"],
    },
    {
      leftOut: "that the view has no more than it needs",
      alter: changing((word) => word.replace("pivot_root . old", `${moreInView}pivot_root . old`)),
      missed: [
        ...["few folders", "no file of ours", "no list of processes", "no socket by path"],
        ...["nothing to write", "nothing writable in view", "few files in view"],
      ],
    },
    {
      leftOut: "that the view is read-only",
      alter: changing((word) => word.replace("bind,ro,", "bind,")),
      missed: ["nothing writable in view"],
    },
    {
      leftOut: "the processes' limit",
      alter: dropping(/^--nproc=/),
      missed: ["process limit"],
    },
    {
      leftOut: "that no privilege is gained",
      alter: changing((word) => (word === "--no-new-privs" ? "--inh-caps=-all" : word)),
      missed: ["no new privileges"],
    },
    {
      leftOut: "the empty environment",
      alter: adding("-i", "SECRET=canary"),
      missed: ["empty environment"],
    },
  ],
  bubblewrap: [
    {
      leftOut: "the network namespace and the filter",
      alter: (jail) => withoutFilter(adding("--unshare-all", "--share-net")(jail)),
      missed: ["own net namespace", "no network", "no socket by name", "nobody came out"],
    },
    {
      leftOut: "the filter of system calls",
      alter: (jail) => ({ ...withoutFilter(jail), filter: new Uint8Array() }),
      missed: ["system-call filter"],
    },
    {
      leftOut: "the user's id",
      alter: changing((word) => (word === "65534" ? "0" : word)),
      missed: ["nobody's user id"],
    },
    {
      leftOut: "that the view is read-only",
      alter: (jail) =>
        dropping("--remount-ro")(adding("--remount-ro", "--chdir")(changing(writableBind)(jail))),
      missed: ["nothing writable in view"],
    },
    {
      leftOut: "that the view has no more than it needs",
      alter: adding("--clearenv", "--ro-bind", "/etc", "/etc", "--proc", "/proc"),
      missed: ["few folders", "no file of ours", "no list of processes", "few files in view"],
    },
    {
      leftOut: "the empty environment",
      alter: adding("--clearenv", "--setenv", "SECRET", "canary"),
      missed: ["empty environment"],
    },
  ],
};

/** Those that both launchers leave to `prlimit` and Node, and those that nobody makes. */
export const commonHoles: readonly Hole[] = [
  {
    leftOut: "the address space's limit",
    alter: dropping(/^--as=/),
    missed: ["address space", "bounded memory"],
  },
  { leftOut: "the processor's limit", alter: dropping(/^--cpu=/), missed: ["processor time"] },
  {
    leftOut: "the descriptors' limit",
    alter: dropping(/^--nofile=/),
    missed: ["open files", "bounded descriptors"],
  },
  { leftOut: "the files' limit", alter: dropping(/^--fsize=/), missed: ["file size"] },
  {
    leftOut: "the limit of core dumps",
    alter: changing((word) => (word === "--core=0" ? "--core=1" : word)),
    missed: ["core dump"],
  },
  {
    leftOut: "that no machine code is made",
    alter: (jail) => dropping("--jitless")(dropping(/^--as=/)(withoutFilter(jail))),
    missed: ["no machine code"],
  },
  {
    leftOut: "that no descriptor is left open",
    alter: through('exec 9</etc/passwd; exec "$@"'),
    missed: ["no open file", "no descriptor of ours"],
  },
  {
    leftOut: "that all of it ends with its first process",
    alter: through('"$@"; sleep 6'),
    missed: ["killed at the deadline"],
  },
];

const moreInView = ["etc", "proc", "tmp"]
  .map((name) => `mkdir view/${name}; mount -n -o bind /${name} view/${name}\n`)
  .join("");

function changing(change: (word: string) => string): (jail: Jail) => Jail {
  return (jail) => ({ ...jail, args: jail.args.map(change) });
}

/** Words of Node's own, after `--eval`, stay. */
function dropping(word: string | RegExp): (jail: Jail) => Jail {
  const isIt = (one: string): boolean => (typeof word === "string" ? one === word : word.test(one));
  return (jail) => ({ ...jail, args: jail.args.filter((one) => !isIt(one)) });
}

function adding(after: string, ...words: readonly string[]): (jail: Jail) => Jail {
  return (jail) => ({
    ...jail,
    args: jail.args.flatMap((one) => (one === after ? [one, ...words] : [one])),
  });
}

function replacingLast(word: string, by: string): (jail: Jail) => Jail {
  return (jail) => ({ ...jail, args: jail.args.with(jail.args.lastIndexOf(word), by) });
}

function writableBind(word: string): string {
  return word === "--ro-bind" ? "--bind" : word;
}

/** A shell around the whole jail. */
function through(script: string): (jail: Jail) => Jail {
  return (jail) => ({
    ...jail,
    file: "/bin/sh",
    args: ["-c", script, "sh", jail.file, ...jail.args],
  });
}
