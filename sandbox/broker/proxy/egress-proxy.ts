import type { BrokerDoor } from "../broker.ts";

/**
 * The broker's second front door, for sandboxes whose programs speak HTTP themselves. A sandbox has
 * no network; one socket leads here, and the same rules decide.
 */
export interface EgressProxy {
  /** A socket in a folder of its own, for one sandbox. Nobody gets through before `admit`. */
  open(slot: string): Promise<EgressSocket>;
  close(): Promise<void>;
}

export interface EgressSocket {
  /** Absolute; the socket in it is `proxy.sock`. */
  readonly folder: string;
  /** From now on, requests that carry what is returned are this door's; nobody else's ever are. */
  admit(door: BrokerDoor): string;
  /** Resolves when nothing goes through any more and the folder is gone. */
  close(): Promise<void>;
}
