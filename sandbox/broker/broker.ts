import type { Grant } from "../../manifests/grant.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Label } from "../../manifests/label.ts";
import type { BrokerEntry } from "../sandbox.ts";
import type { ProgramRequest, Tell } from "./http/program-request.ts";
import type { Accept, TunnelRequest } from "./http/tunnel.ts";

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
  /**
   * For a file or folder that the program of the call will see, read only: hands in the label of
   * whatever could be read there. Not among the requests of the guest, and neither are the next two.
   *
   * @throws {Refusal} `FILES_DENIED`, also where something else than plain files and folders, or
   * anything of the gateway's, lies beneath; `FILES_FAILED`; `CANCELLED`.
   */
  mount(path: string): Promise<void>;
  /**
   * The bytes of a file that the call may read and write; undefined where there is none, or a folder.
   *
   * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`, `CANCELLED`.
   */
  copyIn(path: string): Promise<Buffer | undefined>;
  /**
   * Writes what a program left, all of it or, where one file is refused, none. What is as it was
   * copied in is left alone; what somebody else has changed since then is refused.
   *
   * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`, `SECRET_MISUSED`, `CANCELLED`.
   */
  copyOut(files: ReadonlyMap<string, Buffer>): Promise<void>;
  /**
   * One HTTP request of a program; `tell` is given the answer. It counts as a request.
   *
   * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `SECRET_MISUSED`, `SECRET_UNAVAILABLE`,
   * `HOSTCALL_LIMIT`, `CANCELLED`; some of them after `tell` was called.
   */
  pass(request: ProgramRequest, tell: Tell): Promise<void>;
  /**
   * TLS from a program to the host and port that it names; resolves when it has ended. `accept` is
   * called when the way there is granted, before anything is dialled. It counts as a request.
   *
   * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `SECRET_MISUSED`, `HOSTCALL_LIMIT`,
   * `CANCELLED`; some of them after `accept` was called.
   */
  tunnel(request: TunnelRequest, accept: Accept): Promise<void>;
  /** Aborted when the call is over: from then on nothing is served. */
  readonly signal: AbortSignal;
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
