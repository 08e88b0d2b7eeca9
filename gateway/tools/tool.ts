import type { Digest } from "../../manifests/digest.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Manifest } from "../../manifests/manifest.ts";

/** A tool as it runs: the manifest, the very bytes of its code, its image, and the hash of them. */
export interface Tool {
  readonly manifest: Manifest;
  /** Bundled JavaScript for the sandbox. */
  readonly code: string;
  /** What its containers run: `sha256:…` or `NAME@sha256:…`; absent where it is not there. */
  readonly image?: string;
  readonly pin: Digest;
  /** Undefined where the arguments fit; else one sentence for the agent, at most 500 characters. */
  checkArguments(value: JsonValue): string | undefined;
  /** The same for the output, for the tool's owner. */
  checkOutput(value: JsonValue): string | undefined;
}
