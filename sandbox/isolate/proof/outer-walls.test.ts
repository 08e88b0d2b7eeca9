import { test } from "tap";
import { absentWalls, outerWalls } from "./outer-walls.ts";

const whole = { launcher: "bubblewrap", filter: new Uint8Array(8), view: ["/app/node"] } as const;
const nobody = 2 ** 22 + 1;

test("around a process that is not there, no wall stands", (t) => {
  const walls = outerWalls(nobody, whole);
  for (const { name, holds } of walls) t.notOk(holds, name);
  t.ok(walls.length > 20);
  t.end();
});

test("around a process that is in no jail, most walls are missed", (t) => {
  const missing = outerWalls(process.pid, whole).filter(({ holds }) => !holds);
  const names = missing.map(({ name }) => name);
  for (const name of [
    ...["address space", "processor time", "open files", "file size", "no shared descriptor"],
    ...["nothing writable in view", "few files in view", "own process group"],
    ...["first of its processes", "own net namespace", "own pid namespace", "own ipc namespace"],
    ...["own uts namespace", "own mnt namespace", "own user namespace", "system-call filter"],
  ]) {
    t.ok(names.includes(name), name);
  }
  t.end();
});

test("walls that a jail lacks are said to be absent, and none of the floor is among them", (t) => {
  const absent = absentWalls({ launcher: "util-linux" });
  t.match(absent, [
    { name: "system-call filter", holds: false, floor: false },
    { name: "no capability to gain", holds: false, floor: false },
  ]);
  t.notMatch(absentWalls(whole), [{ name: "system-call filter" }]);
  t.end();
});
