import { createHash } from "node:crypto";
import type { Grant } from "../../../manifests/grant.ts";
import { type Cordon, cordonOf, type Seen } from "../pool/cordon.ts";

/**
 * Whose calls one service serves. It remembers, so all that may not flow from one call to the next
 * keeps them apart: what a call may touch and send, what its arguments carry, and its session, beside
 * what keeps containers apart that forget.
 */
export function serviceCordonOf(grant: Grant, seen: Seen): Cordon {
  const cordon = cordonOf(grant, seen);
  const { session, permissions, secrets, label } = grant;
  const parts = [cordon.key, session, permissions, secrets, label];
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return { ...cordon, key };
}
