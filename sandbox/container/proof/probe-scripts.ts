import { profile } from "../profile/profile.ts";

/** Past each limit by so much that a wall that is there is met. */
const [files, processes] = [profile.folders["/work"].files + 500, profile.processes * 2];

/**
 * Runs in the shipped shell as any tool's program would, with a stranger's intent, and says what it
 * met: a name, a tab and a value a line. Then it waits to be killed, and listens to no signal. Under
 * gVisor a program that is started costs some 20 ms, so the shell does by itself what it can.
 */
export const wallsScript: string = `
say() { printf '%s\\t%s\\n' "$1" "$2"; }
try() { name=$1; shift; met=$("$@" 2>&1 < /dev/null); say "$name" "$? $met"; }
each() { while read -r line; do say "$1" "$line"; done < "$2"; }
one() { value=; read -r value < "$2"; say "$1" "$value"; } 2> /dev/null
sum() { all=0; while read -r part; do all=$((all+part)); done; say "$1" $all; }

read -r heard; say heard "$heard"
say first "$$"
while read -r name value; do say "status $name" "$value"; done < /proc/self/status
for name in c f l n; do say "limit $name" "$(ulimit -$name)"; done
say environment "$(env | tr '\\n' ' ')"
for held in /proc/$$/fd/*; do if [ -L $held ]; then say held \${held##*/}; fi; done

each mount /proc/self/mountinfo
for folder in / /bin /dev /dev/mqueue /dev/shm /etc /proc /run /run/ringward /sys /sys/fs/cgroup \\
  /tmp /usr /var /var/tmp /work /workspace; do
  if true 2> /dev/null > "$folder/probe"; then say writable "$folder"; fi
done
for folder in /tmp /work; do
  dd if=/dev/zero of=$folder/a bs=65536 count=320 2> /dev/null
  dd if=/dev/zero of=$folder/b bs=65536 count=320 2> /dev/null
  stat -c %s $folder/a $folder/b | sum "bytes $folder"; rm $folder/a $folder/b
done
(cd /work && seq ${files} | xargs touch) 2> /dev/null
say files "$(ls /work | wc -l)"; rm -rf /work/*
for path in ${profile.maskedPaths.join(" ")}; do
  bare=
  if [ -d $path ]; then for held in $path/* $path/.[!.]*; do if [ -e "$held" ]; then bare=$held; fi; done
  elif [ -e $path ]; then bare=$(head -c 1 $path | tr '\\0' 0); fi
  if [ -n "$bare" ]; then say bare $path; fi
done 2> /dev/null

each interface /proc/net/dev
each route /proc/net/route
each socket /proc/net/unix
each group /proc/self/cgroup
each resolver /etc/resolv.conf
one kernel /proc/version
one users /proc/self/uid_map
one confinement /proc/self/attr/current
for name in ${Object.keys(profile.sysctls).join(" ")}; do
  # A second read of such a file finds nothing, and the shell reads a byte at a time.
  say "setting $name" "$(cat /proc/sys/$(echo $name | tr . /))"
done 2> /dev/null
one score /proc/self/oom_score_adj
for file in cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpu.max memory/memory.limit_in_bytes \\
  memory/memory.memsw.limit_in_bytes memory.swap.max; do
  one "amount \${file##*/}" /sys/fs/cgroup/$file
done

cp /bin/sh /tmp/sh; try "try run" /tmp/sh -c true; rm -f /tmp/sh
try "try pipe" mkfifo /tmp/pipe
try "try device" mknod /tmp/device c 1 3
try "try mount" mount -t tmpfs none /tmp
try "try namespace" unshare -U true

trap '' HUP INT TERM
( i=0; while [ $i -lt ${processes} ]; do sleep 60 & i=$((i+1)); echo $i > /tmp/count; done ) 2> /dev/null
one processes /tmp/count; kill -9 -1
say done yes
while :; do sleep 60; done
`;

/** More than any container has. */
export const memoryScript = `
exec dd if=/dev/zero of=/dev/null bs=512M count=1
`;

/** Says again and again what it has used of the processor: its own time, then its children's. */
export const processorScript = `
while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; times; done
`;
