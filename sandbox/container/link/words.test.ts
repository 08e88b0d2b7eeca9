import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import { launchRequest } from "./testing.ts";
import { parseGatewayWord, parseLauncherWord } from "./words.ts";

const launch = { word: "launch", ...launchRequest, mounts: ["a/b"] };

test("a request says so much and no more", (t) => {
  const parse = (change: object): unknown =>
    parseGatewayWord(Buffer.from(JSON.stringify({ ...launch, ...change })));
  t.strictSame({ ...Object(parse({})) }, launch);
  const refused: readonly object[] = [
    { HostConfig: { Privileged: true } },
    { Privileged: true },
    { Binds: ["/:/host"] },
    { CapAdd: ["ALL"] },
    { Runtime: "runc" },
    { image: "x" },
    { limits: { memoryMb: 32, cpuMs: 1_000, pids: 100_000 } },
    { limits: { memoryMb: 0, cpuMs: 1_000 } },
    { limits: { memoryMb: -1, cpuMs: 1_000 } },
    { limits: { memoryMb: 1.5, cpuMs: 1_000 } },
    { limits: { memoryMb: "32", cpuMs: 1_000 } },
    { pin: "A".repeat(64) },
    { pin: `${"a".repeat(64)}\n` },
    { slot: "b".repeat(31) },
    { slot: "../../../../../../../../etc/pass" },
    { tier: "isolate" },
    { tier: "microvm" },
    { mounts: Array.from({ length: 9 }, () => "a") },
    { mounts: ["a".repeat(1_025)] },
    { mounts: [""] },
    { mounts: [{ source: "/", target: "/host" }] },
    { network: "host" },
    { word: "exec" },
  ];
  for (const change of refused) t.throws(() => parse(change), JSON.stringify(change));
  t.end();
});

test("a word is strict JSON", (t) => {
  for (const text of [
    "",
    "[]",
    "null",
    '{"word":"kill","word":"facts"}',
    '{"word":"kill"}{}',
    '{"word":"kill","__proto__":{}}',
    '{"word":"kill","now":true}',
    '{"word":"facts","of":"all"}',
    '{"word":"end-input","at":0}',
    '\ufeff{"word":"kill"}',
  ]) {
    t.throws(() => parseGatewayWord(Buffer.from(text)), text);
  }
  t.throws(() => parseGatewayWord(Buffer.from([0xff])));
  t.strictSame({ ...parseGatewayWord(Buffer.from('{"word":"kill"}')) }, { word: "kill" });
  t.end();
});

test("what the launcher says is held to its form too", (t) => {
  const parse = (word: object): unknown => parseLauncherWord(Buffer.from(JSON.stringify(word)));
  const image = `sha256:${"a".repeat(64)}`;
  const good: readonly object[] = [
    { word: "launched", container: "a".repeat(64), image },
    { word: "refused", code: "IMAGE_MISMATCH", detail: "another one" },
    { word: "ended", exitCode: 137, isOutOfMemory: true },
    { word: "ended", isOutOfMemory: false, lost: "engine" },
    { word: "gone" },
  ];
  for (const word of good) t.same(parse(word), word);
  const facts = { word: "facts", engine: "1", kernel: "6", cgroup: "2", runtimes: [], images: [] };
  const runtime = { tier: "gvisor", name: "runsc", version: "1" };
  t.same(parse({ ...facts, runtimes: [runtime], images: [image] }), {
    ...facts,
    ...{ runtimes: [runtime], images: [image] },
  });
  const bad: readonly object[] = [
    { word: "launched", container: "x", image },
    { word: "launched", container: "a".repeat(64), image: "shell" },
    { word: "launched", container: "a".repeat(64), image: `${image}0` },
    { word: "launched", container: "a".repeat(64), image, name: "x" },
    { word: "refused", code: "RECORD_FULL", detail: "" },
    { word: "refused", code: "IMAGE_MISMATCH", detail: "x".repeat(501) },
    { word: "refused", code: "IMAGE_MISMATCH", detail: "", cause: "x" },
    { word: "ended", exitCode: 256, isOutOfMemory: true },
    { word: "ended", exitCode: 0 },
    { word: "ended", isOutOfMemory: "no" },
    { word: "ended", isOutOfMemory: false, lost: "gateway" },
    { word: "ended", isOutOfMemory: false, output: "x" },
    { ...facts, engine: "x".repeat(201) },
    { ...facts, cgroup: "3" },
    { ...facts, runtimes: [runtime, runtime, runtime] },
    { ...facts, runtimes: [{ ...runtime, path: "/" }] },
    { ...facts, runtimes: [{ ...runtime, tier: "microvm" }] },
    { ...facts, images: Array.from({ length: limits.toolsPerDeployment + 1 }, () => image) },
    { ...facts, host: "x" },
    { word: "gone", now: true },
  ];
  for (const word of bad) t.throws(() => parse(word), JSON.stringify(word));
  t.throws(() => parseLauncherWord(Buffer.from('{"word":"gone","word":"gone"}')));
  t.end();
});
