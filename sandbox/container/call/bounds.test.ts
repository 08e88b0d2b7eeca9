import { test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Grant } from "../../../manifests/grant.ts";
import type { FsPermission } from "../../../manifests/permissions.ts";
import { answerBytesOf, waitMsOf } from "./bounds.ts";

function grantOf(wallMs: number, fs: readonly FsPermission[] = []): Grant {
  const limits = { wallMs, cpuMs: 1, memoryMb: 1, outputKb: 1 };
  return { limits, permissions: { net: [], fs } } as unknown as Grant;
}

test("an answer may be as long as its output with escapes, and the files that may be left", (t) => {
  const { answerEscapes, answerRestBytes, scratchBytes } = containerLimits;
  const least = 1_024 * answerEscapes + answerRestBytes;
  t.equal(answerBytesOf(grantOf(1)), least);
  t.equal(answerBytesOf(grantOf(1, [{ path: "a", access: "read" }])), least);
  const most = answerBytesOf(grantOf(1, [{ path: "a", access: "write" }]));
  t.ok(most >= least + Buffer.from(new Uint8Array(scratchBytes)).toString("base64").length);
  t.end();
});

test("a call waits for a container as long as it may run, but not too short and not too long", (t) => {
  const { containerWaitMs: least, containerStartMs: most } = containerLimits;
  t.equal(waitMsOf(grantOf(1)), least);
  t.equal(waitMsOf(grantOf(least + 1)), least + 1);
  t.equal(waitMsOf(grantOf(most + 1)), most);
  t.end();
});
