import { readlinkSync } from "node:fs";
import { test } from "tap";
import { onEachTier } from "./container-attacks.ts";

const look = `find /work /tmp /run /dev -type f -o -type p -o -type s 2> /dev/null | grep -v /tmp/said
  env | grep MINE; ps -o args | grep -c "[s]leep 600"; ls /run/ringward 2> /dev/null; hostname`;

const programs = {
  leave: `MINE=1; export MINE; echo mine > /work/mine; echo mine > /tmp/mine; echo mine > /work/.profile
    setsid sleep 600 & (sleep 600 &); hostname mine; echo mine > /dev/shm/mine; ${look}`,
  look,
  spaces: "for space in net pid ipc uts mnt cgroup; do readlink /proc/self/ns/$space; done",
  signals: "kill -9 1; kill -9 -1; kill -TERM 1; kill -STOP 1; echo alive",
  late: "(sleep 1; echo late >&2; echo late > /proc/1/fd/1) & echo early",
  pieces:
    "cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n'; cat /proc/1/cmdline | tr '\\0' ' '",
};

onEachTier(
  (name, run) => test(`what is left of a call ${name}`, run),
  () => ({ programs }),
  async (t, { attack, tier }) => {
    for (const principal of ["agent", "agent", "other"]) {
      const { said: own } = await attack("C25", "leave", { principal });
      t.match(own, /\/work\/mine/, "a program finds what it left itself");
      const { said } = await attack("C25", "look", { principal });
      t.equal(said, "0\nsandbox\n", "and the next one nothing of it");
    }
    const { said: spaces } = await attack("X40", "spaces");
    const ours = ["net", "pid", "ipc", "uts", "mnt"].map((space) =>
      readlinkSync(`/proc/self/ns/${space}`),
    );
    const shared = ours.filter((space) => spaces.includes(space));
    if (tier === "container") t.match(spaces, /net:[\s\S]*pid:[\s\S]*ipc:[\s\S]*uts:[\s\S]*mnt:/);
    t.strictSame(shared, [], "no namespace of the host's");
    await attack("X41", "signals");
    t.equal((await attack("X42", "late")).said, "early\n");
    const { said: told } = await attack("X43", "pieces");
    t.notMatch(told, /[0-9a-f]{32}|RINGWARD_|DOCKER/);
  },
);
