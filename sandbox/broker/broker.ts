import type { Grant } from "../../manifests/grant.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Label } from "../../manifests/label.ts";
import type { BrokerEntry } from "../sandbox.ts";

/**
 * The only way out of a sandbox. It lives outside of it, trusts nothing that comes from it, and
 * checks each request against the grant of the one call that it was opened for.
 */
export interface Broker {
  /** A door for one call. `signal` ends whatever is under way, and every later request. */
  open(grant: Grant, signal: AbortSignal): BrokerDoor;
}

export interface BrokerDoor {
  /**
   * Does what the guest asks, or throws a `Refusal` whose code the guest is told.
   * `name` is `files.read`, `files.write`, `files.list`, `fetch` or `secret`; `args` comes from the
   * guest.
   */
  request(name: string, args: JsonValue): Promise<JsonValue>;
  /** What was asked so far, in order. */
  readonly entries: readonly BrokerEntry[];
  /** The join of the labels of all that was handed in. */
  readonly read: Label;
  /** The text without the secrets that this call has sent. */
  redact(text: string): string;
  /**
   * For what leaves the call otherwise: `action` says how. It is booked where it is refused.
   *
   * @throws {Refusal} `SECRET_MISUSED` where a handle of the call stands in the text, or did so in
   * an earlier one.
   */
  refuseHandles(text: string, action: string): void;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}
