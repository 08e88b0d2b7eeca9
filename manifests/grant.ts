import { type Digest, digestJson } from "./digest.ts";
import type { JsonValue } from "./json.ts";
import type { Label } from "./label.ts";
import type { Lifecycle, ToolLimits, ToolSandbox } from "./manifest.ts";
import type { Permissions } from "./permissions.ts";
import type { GrantedSecret } from "./secret.ts";

/**
 * What this one call may do: manifest ∩ policy ∩ session ∩ its own arguments. Minted and used up in
 * the same store transaction; it never reaches the agent.
 */
export interface Grant {
  readonly id: string;
  readonly call: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly toolPin: Digest;
  /** Of the canonical arguments, references resolved. */
  readonly arguments: Digest;
  /** Of everything that policy judged, the labels among it. */
  readonly policyInput: Digest;
  readonly bundle: Digest;
  readonly permissions: Permissions;
  /** What the broker may put into requests of this call: names and places, no values. */
  readonly secrets: readonly GrantedSecret[];
  readonly sandbox: GrantedSandbox;
  readonly limits: ToolLimits;
  /** Of what the call's arguments carry, and no better than its tool's; what it writes has this. */
  readonly label: Label;
  /** Milliseconds since 1970; the clock that the tool sees starts here. */
  readonly issuedAt: number;
  /** Sixteen bytes in hexadecimal: all randomness that the tool sees comes out of it. */
  readonly seed: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Where the call runs: the tool's own tier or a stronger one. */
export interface GrantedSandbox extends ToolSandbox {
  /** The very image, by its id, where the tier runs images. */
  readonly image?: string;
  /** Whether a container serves this call alone, or its session's calls; alone where it is absent. */
  readonly lifecycle?: Lifecycle;
}

export function grantDigest(grant: Grant): Digest {
  return digestJson("grant", grant as unknown as JsonValue);
}
