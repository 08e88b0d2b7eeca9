import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

type Quota =
  | "bytes to read"
  | "bytes to write"
  | "files to write"
  | "entries to list"
  | "places to mount"
  | "entries to mount";

const quotas: Readonly<Record<Quota, number>> = {
  "bytes to read": limits.callReadBytes,
  "bytes to write": limits.callWrittenBytes,
  "files to write": limits.callFilesWritten,
  "entries to list": limits.callFilesListed,
  "places to mount": containerLimits.mountsPerCall,
  "entries to mount": containerLimits.mountEntries,
};

/** What one call may still do with files. Taken before it is done: requests of a call overlap. */
export class FilesQuota {
  readonly #left: Record<Quota, number> = { ...quotas };

  /** @throws {Refusal} `FILES_FAILED`; then nothing is taken. */
  take(what: Quota, amount: number): void {
    if (amount > this.#left[what]) {
      throw new Refusal("FILES_FAILED", `the call has no more ${what}`);
    }
    this.#left[what] -= amount;
  }
}
