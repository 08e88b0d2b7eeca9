import { test } from "tap";
import { filterFor, machines } from "./system-call-filter.ts";
import { systemCalls } from "./system-calls.ts";

const [allow, kill] = [0x7fff_0000, 0x8000_0000];
const error = (number: number): number => 0x0005_0000 + number;
const [EPERM, EROFS, ENOSYS] = [1, 30, 38] as const;

interface Made {
  readonly number: number;
  readonly machine: number;
  readonly values?: readonly bigint[];
}

interface State {
  readonly data: Buffer;
  held: number;
  /** Instructions to leave out. */
  skip: number;
}

/** The few instructions that we use, as they are documented. */
const does: Readonly<
  Record<number, (state: State, value: number, ways: [number, number]) => void>
> = {
  32: (state, value) => {
    state.held = state.data.readUInt32LE(value);
  },
  84: (state, value) => {
    state.held = (state.held & value) >>> 0;
  },
  5: (state, value) => {
    state.skip = value;
  },
  21: (state, value, [yes, no]) => {
    state.skip = state.held === value ? yes : no;
  },
  53: (state, value, [yes, no]) => {
    state.skip = state.held >= value ? yes : no;
  },
};

const ends = 6;

/** What the kernel does with such a program. */
function run(program: Uint8Array, made: Made): number {
  const code = Buffer.from(program);
  const state: State = { data: dataOf(made), held: 0, skip: 0 };
  for (let at = 0; at < code.length; at += 8 * (state.skip + 1)) {
    const [operation, value] = [code.readUInt16LE(at), code.readUInt32LE(at + 4)];
    if (operation === ends) return value;
    state.skip = 0;
    const step = does[operation];
    if (!step) throw new Error(`operation ${operation}`);
    step(state, value, [code.readUInt8(at + 2), code.readUInt8(at + 3)]);
  }
  throw new Error("the program has no end");
}

function dataOf({ number, machine, values = [] }: Made): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(machine, 4);
  values.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + index * 8);
  });
  return data;
}

const deadly = [
  ...["ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd"],
  ...["pidfd_send_signal", "unshare", "setns", "chroot", "pivot_root", "mount", "umount2"],
  ...["fsopen", "fsmount", "open_tree", "move_mount", "mount_setattr", "open_by_handle_at"],
  ...["name_to_handle_at", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key"],
  ...["request_key", "init_module", "finit_module", "delete_module", "kexec_load"],
  ...["kexec_file_load", "reboot", "personality", "seccomp"],
];

for (const [name, machine] of Object.entries(machines)) {
  const make = (jit: boolean) => {
    const program = filterFor(machine, jit);
    return (call: string, ...values: readonly (number | bigint)[]): number => {
      const number = systemCalls[call]?.[machine.column] ?? -1;
      return run(program, { number, machine: machine.machine, values: values.map(BigInt) });
    };
  };

  test(`${name}: memory becomes code only out of a file that nobody writes to`, (t) => {
    const ask = make(false);
    const [readWrite, run, all] = [3, 5, 7];
    t.equal(ask("mmap", 0, 4096, readWrite, 0x22), allow);
    t.equal(ask("mmap", 0, 4096, run, 0x02), allow);
    t.equal(ask("mmap", 0, 4096, run, 0x22), error(EPERM));
    t.equal(ask("mmap", 0, 4096, all, 0x02), error(EPERM));
    t.equal(ask("mprotect", 0, 4096, readWrite), allow);
    t.equal(ask("mprotect", 0, 4096, run), error(EPERM));
    const withJit = make(true);
    t.equal(withJit("mmap", 0, 4096, all, 0x22), allow);
    t.equal(withJit("mprotect", 0, 4096, run), allow);
    t.end();
  });

  test(`${name}: threads and no processes`, (t) => {
    const ask = make(false);
    const thread = 0x3d_0f00;
    t.equal(ask("clone", thread), allow);
    for (const flags of [17, 0x4111, thread + 0x1000_0000, thread + 0x4000_0000, thread + 0x2000]) {
      t.equal(ask("clone", flags), error(EPERM), flags.toString(16));
    }
    t.end();
  });

  test(`${name}: files are opened to be read`, (t) => {
    const ask = make(false);
    t.equal(ask("openat", -100, 0, 0o2000000), allow);
    for (const flags of [1, 2, 0o100, 0o1000, 0o20200000]) {
      t.equal(ask("openat", -100, 0, flags), error(EROFS), flags.toString(8));
      if (name === "x64") t.equal(ask("open", 0, flags), error(EROFS), "by the older call, too");
    }
    t.end();
  });

  test(`${name}: limits are read, by no pointer at all`, (t) => {
    const ask = make(false);
    t.equal(ask("prlimit64", 0, 7, 0, 1), allow);
    t.equal(ask("prlimit64", 0, 7, 8, 0), error(EPERM));
    t.equal(ask("prlimit64", 0, 7, 0x7fff_0000_0000n, 0), error(EPERM), "its lower half is zero");
    t.end();
  });

  test(`${name}: what is asked by a number of its own is one of a few`, (t) => {
    const ask = make(false);
    t.equal(ask("fcntl", 0, 3), allow);
    t.equal(ask("fcntl", 0, 1024), error(EPERM));
    t.equal(ask("ioctl", 0, 0x5421), allow);
    t.equal(ask("ioctl", 0, 0x5412), error(EPERM));
    t.equal(ask("prctl", 15), allow);
    for (const option of [1, 4, 8, 22, 24, 38, 47]) t.equal(ask("prctl", option), error(EPERM));
    t.equal(ask("tgkill", 1, 7, 6), allow);
    t.equal(ask("tgkill", 2, 2, 6), error(EPERM));
    t.end();
  });

  test(`${name}: what no Node does ends it, and what is on no list is unknown`, (t) => {
    const ask = make(false);
    const program = filterFor(machine, false);
    for (const call of deadly) {
      const isKnown = systemCalls[call]?.[machine.column] !== undefined;
      if (isKnown) t.equal(ask(call), kill, call);
    }
    for (const call of ["socket", "socketpair", "kill", "setresuid"]) {
      t.equal(ask(call), error(EPERM), call);
    }
    t.equal(run(program, { number: 900, machine: machine.machine }), error(ENOSYS));
    t.end();
  });

  test(`${name}: another table of calls, or another machine's, ends it`, (t) => {
    const program = filterFor(machine, false);
    const getpid = systemCalls["getpid"]?.[machine.column] ?? -1;
    t.equal(run(program, { number: getpid, machine: machine.machine }), allow);
    t.equal(run(program, { number: getpid + 0x4000_0000, machine: machine.machine }), kill);
    t.equal(run(program, { number: getpid, machine: 0x4000_0003 }), kill, "32 bits");
    t.end();
  });
}

test("there is no number twice, so that no rule hides another", (t) => {
  for (const column of [0, 1] as const) {
    const all = Object.values(systemCalls).map((numbers) => numbers[column]);
    const known = all.filter((number) => number !== undefined);
    t.equal(new Set(known).size, known.length);
  }
  t.end();
});
