// Each wall of each launcher taken out by itself: a worker that lacks it is refused, by its name.
import tap, { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { type Jail, jailCommand, type LauncherName } from "../../sandbox/isolate/jail/jail.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import { descendants } from "../support/processes.ts";
import { testedLaunchers } from "./isolate-intruder.ts";

tap.setTimeout(110_000);

/** Says that it is ready, as a worker does, and nothing more. */
const source = `
  const fs = process.getBuiltinModule("fs");
  for (const fd of (process.argv[2] || "").split(",")) if (fd) fs.closeSync(Number(fd));
  const b = Buffer.alloc(65536); fs.readSync(0, b);
  const { channel } = JSON.parse(b.subarray(4, 4 + b.readUInt32BE(0)));
  const text = JSON.stringify({ channel, said: ["ready"] });
  const h = Buffer.alloc(4); h.writeUInt32BE(text.length);
  fs.writeSync(1, h + text, null, "latin1");
  setInterval(() => {}, 1000);`;

interface Hole {
  readonly wall: RegExp;
  readonly change: (args: readonly string[]) => readonly string[];
  /** Where only root sets this wall up. */
  readonly isRoots?: boolean;
}

function missing(wall: string, change: Hole["change"]): Hole {
  return { wall: new RegExp(`no wall \`${wall}\``), change };
}

/** Without this there is no process that could lack the wall. */
function fatal(word: string, isRoots = false): Hole {
  return {
    wall: /the worker died/,
    change: (args) => args.filter((each) => each !== word),
    isRoots,
  };
}

function less(wall: string, word: string): Hole {
  return missing(wall, (args) => args.filter((each) => each !== word));
}

function other(wall: string, from: string, ...to: readonly string[]): Hole {
  return missing(wall, (args) => args.flatMap((word) => (word === from ? to : [word])));
}

/** In the lines of `sh` too. */
function edited(wall: string, from: string, to: string): Hole {
  return missing(wall, (args) => args.map((word) => word.replaceAll(from, to)));
}

const bounds: readonly Hole[] = [
  other("address space", `--as=${limits.workerAddressSpaceBytes}`, "--as=4000000000"),
  other("processor time", `--cpu=${limits.workerCpuSeconds}`, "--cpu=100000"),
  other("open files", `--nofile=${limits.workerOpenFiles}`, "--nofile=128"),
  other("process limit", `--nproc=${limits.workerProcesses}`, "--nproc=128"),
  other("file size", "--fsize=0", "--fsize=4096"),
  // Most systems allow no core to begin with.
  { ...other("core dump", "--core=0", "--core=4096"), wall: /no wall `core dump`|prlimit/ },
];

const root: readonly Hole[] = [
  fatal("--reuid=65534", true),
  { ...less("no id of root's", "--regid=65534"), isRoots: true },
  fatal("--clear-groups", true),
];

const spaces = ["user", "ipc", "pid", "net", "uts", "cgroup"];

function sharing(space: string): Hole {
  const rest = spaces.filter((name) => name !== space).map((name) => `--unshare-${name}`);
  return other(`own ${space} namespace`, "--unshare-all", ...rest);
}

const holes: Readonly<Record<LauncherName, readonly Hole[]>> = {
  bubblewrap: [
    ...[...bounds, ...root],
    ...["ipc", "net", "uts"].map(sharing),
    fatal("--as-pid-1"),
    other("nothing writable in view", "--remount-ro", "--chdir"),
    other("few files in view", "--remount-ro", "--ro-bind", "/etc", "/etc", "--remount-ro"),
    other("few files in view", "--remount-ro", "--ro-bind", "/proc", "/proc", "--remount-ro"),
    missing("nothing writable in view", (args) =>
      args.map((word) => word.replaceAll("bind,ro,", "bind,").replace("--ro-bind", "--bind")),
    ),
  ],
  "util-linux": [
    ...[...bounds, ...root],
    less("own ipc namespace", "--ipc"),
    less("own net namespace", "--net"),
    less("own uts namespace", "--uts"),
    less("no new privileges", "--no-new-privs"),
    fatal("--root=/view"),
    edited("nothing writable in view", "bind,ro,", "bind,"),
    edited("few files in view", "mkdir old proc", "mkdir old proc view/etc; bind /etc view/etc"),
  ],
};

for (const launcher of ["bubblewrap", "util-linux"] as const) {
  test(`${launcher}: a worker without one of its walls is refused`, async (t) => {
    const jail = testedLaunchers(t).includes(launcher) && jailCommand(source, [], { launcher });
    if (!jail) return;
    const whole = await startWorker(jail, 32);
    await whole.kill();
    t.pass("with all of them it starts");
    for (const { wall, change, isRoots } of holes[launcher]) {
      if (isRoots && process.getuid?.() !== 0) continue;
      const args = change(jail.args);
      t.notSame(args, jail.args, "something was taken out");
      t.match(await whyRefused({ ...jail, args }), wall, `${wall}`);
    }
    t.strictSame(descendants(process.pid), []);
  });
}

async function whyRefused(jail: Jail): Promise<string> {
  try {
    const worker = await startWorker(jail, 32);
    await worker.kill();
    return "it was not refused";
  } catch (error) {
    const { message, cause } = error as Error;
    return `${(cause as Error).message} ${message}`;
  }
}
