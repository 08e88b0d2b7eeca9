import { test } from "tap";
import { profile } from "../../sandbox/container/profile/profile.ts";
import { onEachTier } from "./container-attacks.ts";

const programs = {
  root: `for folder in $(find / -xdev -type d 2> /dev/null) /dev /dev/mqueue /dev/pts /proc /sys; do
      if true 2> /dev/null > "$folder/mine"; then echo written "$folder"; fi
    done; echo tried`,
  full: `dd if=/dev/zero of=/work/a bs=65536 count=320 2> /dev/null
    dd if=/dev/zero of=/work/b bs=65536 count=320 2> /dev/null; cat /work/a /work/b | wc -c`,
  many: "i=0; while [ $i -lt 6000 ] && true 2> /dev/null > /work/$i; do i=$((i+1)); done; echo $i",
  sparse: `(dd if=/dev/zero of=/work/a bs=1 count=1 seek=10G) 2>&1 | grep -c records
    truncate -s 10G /work/b; ls -s /work | head -n 1; echo tried`,
  core: "cd /work; (sh -c 'kill -SEGV $$'); (sh -c 'kill -ABRT $$'); ls -A; echo tried",
  links: `ln -s / /work/host; ls /work/host/proc/1/root/ > /dev/null; ln /etc/hosts /work/hosts
    cat /work/host/../../../../canary; mkdir /work/..up; cp /work/host/etc/hosts /work/..up; echo tried`,
};

onEachTier(
  (name, run) => test(`places to write ${name}`, run),
  () => ({ programs }),
  async (t, { attack, tier, launcher }) => {
    const { said: written } = await attack("C21", "root");
    t.strictSame(written.split("\n").sort(), ["", "tried", "written /tmp", "written /work"]);
    const { mib, files } = profile.folders["/work"];
    t.equal((await attack("C21", "full")).said, `${mib * 2 ** 20}\n`);
    const count = Number((await attack("C21", "many")).said);
    t.ok(count > 1_000 && (tier === "gvisor" || count <= files), `${count} files`);
    const { said: sparse } = await attack("C21", "sparse");
    t.match(sparse, /File size limit exceeded|File too large|^0\n/);
    t.equal((await attack("C21", "core")).said.split("\n").slice(-2).join(""), "tried");
    // On gVisor a link to the root and back again is the root.
    const { said: linked } = await attack("C15", "links");
    if (tier === "container") t.match(linked, /can't open '\/work\/host.*No such file[\s\S]*tried/);
    t.strictSame(launcher.notes, [], "and the launcher has nothing to say");
  },
);
