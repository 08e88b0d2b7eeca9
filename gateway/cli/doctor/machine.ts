import { stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { limits } from "../../../manifests/limits.ts";
import { type Check, fail, ok, type Patient } from "./check.ts";

export async function checkMachine({ config, terminal }: Patient): Promise<readonly Check[]> {
  return [
    checkNode(terminal.nodeVersion),
    await checkDisk(config.state),
    await checkClock(config.state),
  ];
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 12)) return ok("node", version);
  return fail(
    "node",
    `${version} is too old`,
    "start Ringward by `ringward`, which finds a fitting Node",
  );
}

async function checkDisk(state: string): Promise<Check> {
  const { bavail, bsize } = await statfs(await nearest(state));
  const [free, reserve] = [megabytes(bavail * bsize), megabytes(limits.recordReserveBytes)];
  if (bavail * bsize > limits.recordReserveBytes) {
    return ok("disk", `${free} MB free, ${reserve} MB are kept for outcomes`);
  }
  return fail(
    "disk",
    `${free} MB free: no call is admitted below ${reserve} MB`,
    "make room on the disk",
  );
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1_000_000);
}

/** Ends of grants, keys and approvals are times: a clock that was set back revives them. */
async function checkClock(state: string): Promise<Check> {
  const written = await stat(join(state, "store.sqlite")).catch(() => undefined);
  const now = Date.now();
  if (written === undefined || written.mtimeMs <= now + 1_000) {
    return ok("clock", new Date(now).toISOString());
  }
  return fail("clock", "stands before the last time the store was written", "set the clock right");
}

async function nearest(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? await nearest(dirname(path)) : path;
}
