import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tap from "tap";
import { once } from "../../manifests/once.ts";

/** The folder of the engine that is lent to all test files, where there is one. */
export function lentFolder(): string | undefined {
  return process.env["RINGWARD_TEST_ENGINE"];
}

/** For what takes long to make: shared with all test files of a suite, else this process's own. */
export const sharedFolder: () => string = once(() => {
  const lent = lentFolder();
  if (lent !== undefined) return lent;
  const own = mkdtempSync(join(tmpdir(), "ringward-shared-"));
  tap.teardown(() => rmSync(own, { recursive: true, force: true }));
  return own;
});
