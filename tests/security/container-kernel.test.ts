import Docker from "dockerode";
import { type Test, test } from "tap";
import { onEachTier } from "./container-attacks.ts";

/** Files whose writing changes a machine, or runs a program on it as root. */
const settings = [
  ...["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname"],
  ...["/proc/sys/vm/overcommit_memory", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger"],
  ...["/sys/kernel/uevent_helper", "/sys/kernel/mm/ksm/run", "/proc/self/oom_score_adj"],
  ...["/proc/irq/default_smp_affinity", "/proc/1/oom_score_adj"],
].join(" ");

const groups = [
  ...["release_agent", "notify_on_release", "cgroup.procs", "memory.limit_in_bytes"],
  ...["devices.allow", "pids.max", "cpu.cfs_quota_us", "cgroup.subtree_control", "memory.max"],
].join(" ");

const hidden = [
  ...["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/kallsyms", "/proc/cmdline"],
  ...["/proc/partitions", "/proc/diskstats", "/proc/interrupts", "/proc/scsi", "/sys/firmware"],
  ...["/sys/devices/virtual/powercap", "/sys/class/dmi/id", "/sys/block", "/sys/kernel/debug"],
].join(" ");

/** Of engines, and of whoever listens on a machine with one. */
const places = "docker containerd/containerd podman/podman crio/crio docker/libnetwork"
  .split(" ")
  .flatMap((name) => [`/run/${name}.sock`, `/var/run/${name}.sock`])
  .join(" ");
const listeners = ["127.0.0.1", "172.17.0.1", "192.168.65.7", "host.docker.internal", "::1"];

/** Each writes back what it has read, so that nothing changes where it can. */
const programs = {
  settings: `for file in ${settings}; do
      [ -e $file ] || continue
      value=$(cat $file 2> /dev/null)
      if printf %s "$value" 2> /dev/null > $file; then echo written $file; fi
    done; echo tried`,
  groups: `for file in ${groups}; do
      for path in /sys/fs/cgroup/$file /sys/fs/cgroup/*/$file; do
        if [ -e $path ] && true 2> /dev/null >> $path; then echo written $path; fi
      done
    done
    mkdir /sys/fs/cgroup/mine /sys/fs/cgroup/memory/mine && echo made; echo tried`,
  hidden: `for path in ${hidden}; do
      if [ -d $path ]; then [ -z "$(ls -A $path)" ] || echo seen $path
      elif [ -n "$(head -c 64 $path | tr -d '\\0')" ]; then echo seen $path; fi
    done 2> /dev/null; echo tried`,
  sockets: `for path in ${places}; do [ -e $path ] && echo there $path; done
    find / -xdev -type s 2> /dev/null; grep @ /proc/net/unix; cat /proc/net/tcp | tail -n +2
    for host in ${listeners.join(" ")}; do
      for port in 2375 2376 22; do
        echo hello | timeout 2 nc -w 1 $host $port > /dev/null 2>&1 && echo heard $host $port
      done
    done; echo tried`,
  descriptors: `for held in /proc/self/fd/* /proc/1/fd/*; do
      target=$(readlink $held) && echo "\${held##*/} $target"
    done; pwd; ls -la /proc/1/cwd /proc/self/root 2>&1 | grep -o "> .*"; cat ../../../canary`,
  banner: "cat /proc/version; dmesg | head -n 1; uname -r",
};

onEachTier(
  (name, run) => test(`the kernel ${name}`, run),
  () => ({ programs }),
  async (t, { attack, tier, launcher }) => {
    const settled = await attack("C08", "settings");
    // A program may make itself easier to end; on gVisor's kernel that is the only one there is.
    const written = settled.said.split("\n").filter((line) => !/oom_score_adj$/.test(line));
    t.strictSame(tier === "gvisor" ? written.slice(-2) : written, ["tried", ""]);
    const { said: grouped } = await attack("C09", "groups");
    t.equal(grouped.split("\n").at(-2), "tried");
    t.notMatch(grouped, /written|made/);
    const { said: seen } = await attack("C10", "hidden");
    t.equal(tier === "gvisor" ? seen.replace("seen /proc/cmdline\n", "") : seen, "tried\n");
    t.equal((await attack("C11", "sockets")).said, "tried\n");

    const { said: held } = await attack("C13", "descriptors");
    const strange = held.split("\n").filter((line) => /^\d/.test(line) && !ownStream.test(line));
    t.strictSame(strange, [], "three streams, and what the program opened itself");

    const { said: banner, result } = await attack("C28", "banner");
    t.equal(banner.startsWith("Linux version 4.4.0 "), tier === "gvisor");
    t.equal(banner.includes("gVisor"), tier === "gvisor");
    t.ok(result.ranIn, "and which container it was stands in the record");
    await runtimeIs(t, {
      engine: launcher.options.engine,
      tier,
      launch: () => launcher.launch({ tier }),
    });
  },
);

/** A pipe of the engine's, `/tmp/said` and `/dev/null` of the test's own program, folders it lists. */
const ownStream = /^\d+ (?:pipe:\[\d+\]|host:\[\d+\]|\/tmp\/said|\/dev\/null|\/proc\/\S*)$/;

interface Launching {
  readonly engine: string;
  readonly tier: string;
  readonly launch: () => Promise<{ readonly container: string; kill(): Promise<void> }>;
}

/** By the engine's own word, and with limits that are there. */
async function runtimeIs(t: Test, { engine, tier, launch }: Launching): Promise<void> {
  const launched = await launch();
  const docker = new Docker({ socketPath: engine });
  const { HostConfig: config } = await docker.getContainer(launched.container).inspect();
  t.equal(config.Runtime, tier === "gvisor" ? "runsc" : "runc");
  t.match(config, { Memory: Number, NanoCpus: 1e9, Privileged: false, NetworkMode: "none" });
  await launched.kill();
}
