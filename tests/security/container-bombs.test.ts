import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "tap";
import { profile } from "../../sandbox/container/profile/profile.ts";
import { processesOf } from "../container-calls-cases.ts";
import { pinOf } from "../support/test-launcher.ts";
import { onEachTier } from "./container-attacks.ts";
import { call, compileIntruder } from "./isolate-intruder.ts";

const times = (count: number, word: string): string => `'${word}' `.repeat(count);
/** On x86-64 and arm64. */
const raw = (numbers: readonly [number, number], rest: string): string =>
  `${numbers[process.arch === "arm64" ? 1 : 0]},${rest}`;
const tool = "/workspace/tool intruder x x";
/** Counted over all processes of one user, those of other containers among them. */
const counted = [
  raw([294, 26], "0"),
  raw([222, 107], "0,0,*"),
  raw([206, 0], "8,*"),
  raw([240, 180], '"x,66,438,0'),
];

const programs = {
  forks: "f() { f & f & }; f; sleep 1; echo alive",
  threads: `${tool} fork`,
  memory: `${tool} touch,536870912`,
  words: 'x=x; while :; do x="$x$x"; done',
  cached:
    "for i in 1 2 3 4 5 6 7 8; do cat /workspace/tool /bin/busybox > /dev/null; done; echo read",
  processors: "for i in 1 2 3; do (while :; do :; done) & done; wait",
  open: `${tool} ${times(600, call("openat", -100, '"/dev/null', 0))} | tail -n 1`,
  pipes: `${tool} ${times(300, raw([293, 59], "*,0"))} | tail -n 1`,
  counted: `${tool} ${counted.map((word) => `'${word}'`).join(" ")}`,
  terminals: `${tool} ${times(2, call("openat", -100, '"/dev/ptmx', 2))}`,
  connections: "cat /proc/sys/net/ipv4/tcp_rmem /proc/sys/net/ipv4/tcp_wmem",
  zombies:
    "i=0; while [ $i -lt 300 ]; do (true &); i=$((i+1)); done; sleep 0.3; ps -o stat | grep -c Z",
  deaf: "trap '' HUP INT TERM QUIT USR1 USR2 XCPU; while :; do sleep 1; done",
  orphans: "(setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 1; done' &) ; echo answered",
};

onEachTier(
  (name, run) => test(`bombs ${name}`, run),
  (t) => {
    const path = compileIntruder(t);
    return path === undefined ? undefined : { programs, tool: path };
  },
  async (t, { attack, tier, launcher }) => {
    const before = processes();
    await attack("C18", "forks");
    const { said: forked } = await attack("C18", "threads");
    t.ok(Number(forked) < profile.processes, `${forked} processes`);
    await attack("C19", "memory");
    await attack("C19", "words");
    t.equal((await attack("C19", "cached")).said, "read\n");

    const limits = { wallMs: 1_000, cpuMs: 1_000, memoryMb: 64, outputKb: 64 };
    await attack("C20", "processors", { limits });
    const pin = pinOf(Object.keys(programs).indexOf("processors"));
    const launched = await launcher.launch({ tier, pin, limits: { memoryMb: 64, cpuMs: 5_000 } });
    launched.write(Buffer.from("{}\n"));
    const used = await processorsUsed(launched.container);
    t.ok(used > 0 && used < 1.2, `${used} processors`);
    await launched.kill();

    t.equal((await attack("C22", "open")).said, "-24\n", "descriptors have an end");
    t.equal((await attack("C22", "pipes")).said, "-24\n", "so have pipes");
    const { said: refused } = await attack("C22", "counted");
    if (tier === "container") t.match(refused, /^(?:-1\n|-38\n){4}$/);
    const { said: terminals } = await attack("C22", "terminals");
    if (tier === "container") t.equal(terminals, "-2\n-2\n", "terminals are counted over others");
    const { said: held } = await attack("C19", "connections");
    if (tier === "container") t.match(held, /^(?:4096\t16384\t16384\n){2}$/);
    const { said: zombies } = await attack("C23", "zombies");
    t.ok(Number(zombies) < 5, `${zombies} zombies`);

    await attack("C24", "deaf", { limits });
    t.equal((await attack("C24", "orphans")).said, "answered\n");
    t.ok(processes() < before + 200, "the machine has no more processes than before");
  },
);

/** Over a second, as the host counts it; on gVisor the program's own clocks count who waits, too. */
async function processorsUsed(container: string): Promise<number> {
  const [first = ""] = processesOf(container);
  const groups = readFileSync(`/proc/${first}/cgroup`, "utf8");
  const counted = /^\d+:(?:\w+,)?cpuacct(?:,\w+)?:(.+)$/m.exec(groups)?.[1];
  const [, unified = ""] = /^0::(.+)$/m.exec(groups) ?? [];
  const usedMs = (): number =>
    counted === undefined
      ? Number(/\d+/.exec(textOf(unified, "cpu.stat"))) / 1e3
      : Number(textOf("cpuacct", counted, "cpuacct.usage")) / 1e6;
  const [used, at] = [usedMs(), performance.now()];
  await pause(1_000);
  return (usedMs() - used) / (performance.now() - at);
}

function textOf(...path: readonly string[]): string {
  return readFileSync(join("/sys/fs/cgroup", ...path), "utf8");
}

function processes(): number {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;
}
