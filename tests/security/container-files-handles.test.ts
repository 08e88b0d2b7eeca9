// The threat: the handle of a secret is carried out of its call in a file.
import { readdirSync } from "node:fs";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { codeOf } from "./broker-fixtures.ts";
import { secretNet } from "./broker-secrets-fixtures.ts";

async function doorWithHandle(t: Test): Promise<readonly [BrokerDoor, string]> {
  t.testdir({});
  const net = await secretNet(t, (_, response) => response.end());
  const door = net.openBound({ header: "authorization", prefix: "Bearer " });
  return [door, await net.handle(door)];
}

const files: readonly (readonly [name: string, file: (handle: string) => [string, Buffer]])[] = [
  ["in its bytes", (handle) => ["a", Buffer.from(`\0\u00ff${handle}\u00ff`)]],
  ["in part", (handle) => ["a", Buffer.from(handle.slice(0, 30))]],
  ["at the end of a large one", (handle) => ["a", endingIn(handle)]],
  ["in its name", (handle) => [handle, Buffer.from("x")]],
];
for (const [name, file] of files) {
  test(`a handle leaves in no file: ${name}`, async (t) => {
    const [door, handle] = await doorWithHandle(t);
    const [path, bytes] = file(handle);
    t.equal(await codeOf(door.copyOut(new Map([[path, bytes]]))), "SECRET_MISUSED");
    t.match(door.entries, [{}, { door: "secrets", action: "files.write", code: "SECRET_MISUSED" }]);
    t.equal(await codeOf(door.copyOut(new Map())), "SECRET_MISUSED", "nor anything after it");
    t.notOk(JSON.stringify(door.entries).includes(handle));
    t.notOk(readdirSync(t.testdirName).includes(path));
  });

  test(`a handle leaves with no request: ${name}`, async (t) => {
    const [door, handle] = await doorWithHandle(t);
    const [path, bytes] = file(handle);
    const args = { path, base64: bytes.toString("base64") };
    t.equal(await codeOf(door.request("files.write", args)), "SECRET_MISUSED");
    t.notOk(readdirSync(t.testdirName).includes(path));
  });
}

test("what is too much is refused before it is read for handles", async (t) => {
  const [door, handle] = await doorWithHandle(t);
  const bytes = Buffer.from(handle.padStart(containerLimits.scratchBytes + 1, "x"));
  t.equal(await codeOf(door.copyOut(new Map([["a", bytes]]))), "FILES_FAILED");
});

function endingIn(handle: string): Buffer {
  return Buffer.from(handle.padStart(limits.fileBytes, "x"));
}
