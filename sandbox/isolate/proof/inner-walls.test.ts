import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import { innerWalls } from "./inner-walls.ts";

interface Seen {
  readonly wall: string;
  readonly key: string;
  readonly holds: readonly string[];
  readonly fails: readonly string[];
}

/** What a probe says of each wall where it stands, and what it says where it does not. */
const seen: readonly Seen[] = [
  one("no network", "network", ["ENETUNREACH", "ECONNREFUSED", "EPERM"], ["connected", "sent"]),
  one("no route", "elsewhere", ["ENETUNREACH"], ["ECONNREFUSED", "sent", "connected"]),
  one("no socket by name", "socketName", ["ECONNREFUSED", "EPERM"], ["connected", "EAGAIN"]),
  one("no socket by path", "socketFile", ["ENOENT"], ["connected", "ECONNREFUSED"]),
  one("empty environment", "environment", [""], ["PATH", " "]),
  one("nobody's user id", "user", ["65534 65534 65534"], ["0 0 0", "65534 0 65534", "1000"]),
  one("no rise to root", "privileges", ["EINVAL EPERM", "EPERM"], ["done", "EPERM done"]),
  one("few folders", "tree", ["app lib lib64", "app lib lib64 usr"], ["app etc lib", "app proc"]),
  one("no file of ours", "reading", ["ENOENT"], ["done", "ENOENT done", "EACCES"]),
  one("no list of processes", "processList", ["ENOENT"], ["done", "EACCES"]),
  one("nothing to write", "writing", ["EROFS ENOENT ETXTBSY"], ["EROFS done", "ENOSPC"]),
  one("nobody to signal", "signals", ["ESRCH", "EPERM"], ["done"]),
  one("no descriptor of ours", "held", ["0"], ["1", ""]),
  one("no machine code", "machineCode", ["undefined"], ["object"]),
  one("bounded memory", "memory", ["RangeError"], ["done"]),
  one("bounded descriptors", "descriptors", ["30 EMFILE"], [most("EMFILE"), "30 done", "30"]),
  one("bounded processes", "processes", ["9 EAGAIN", "0 EPERM"], [most("EAGAIN"), "9 done"]),
];

function one(
  wall: string,
  key: string,
  ...[holds, fails]: readonly [Seen["holds"], Seen["fails"]]
): Seen {
  return { wall, key, holds, fails };
}

function most(error: string): string {
  return `${Math.max(limits.workerOpenFiles, limits.workerProcesses)} ${error}`;
}

for (const { wall, key, holds, fails } of seen) {
  test(`a probe that got through the wall \`${wall}\` would show it, and no other`, (t) => {
    const whole = Object.fromEntries(seen.map((other) => [other.key, other.holds[0]]));
    for (const value of holds) t.strictSame(missed({ ...whole, [key]: value }), [], value);
    for (const value of fails) t.strictSame(missed({ ...whole, [key]: value }), [wall], value);
    const { [key]: _, ...silent } = whole;
    t.strictSame(missed(silent), [wall], "nor does it hold where nothing is said of it");
    t.end();
  });
}

test("each wall that is asked for is known", (t) => {
  t.strictSame(
    innerWalls({}).map(({ name }) => name),
    seen.map(({ wall }) => wall),
  );
  t.ok(innerWalls({}).every(({ floor, holds }) => floor && !holds));
  t.end();
});

function missed(said: Readonly<Record<string, unknown>>): readonly string[] {
  return innerWalls(said)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);
}
