import { type RefusalCode, refusalEntry } from "../manifests/refusals.ts";
import type { Signal } from "./sandbox.ts";

/** How a tool ended, in whatever tier: what it said, or why nothing that it said counts. */
export type End =
  | { readonly kind: "output"; readonly output: string }
  | Failed
  /** An error of the tool itself; `code` is what the tool says, nothing is known of it. */
  | { readonly kind: "error"; readonly code: string; readonly detail: string };

export interface Failed {
  readonly kind: "failed";
  readonly code: RefusalCode;
  readonly detail: string;
  readonly signal?: Signal;
}

/** @param detail at most 500 characters of it are kept. */
export function failed(code: RefusalCode, detail: string = refusalEntry(code).says): Failed {
  return { kind: "failed", code, detail: detail.slice(0, 500) };
}
