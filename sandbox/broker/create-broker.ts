import type { Grant } from "../../manifests/grant.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerEntry } from "../sandbox.ts";
import type { Broker, BrokerDoor } from "./broker.ts";
import { requestFetch } from "./fetch.ts";
import { type FileLabels, noFileLabels } from "./file-labels.ts";
import { requestFiles } from "./files.ts";
import { FilesQuota } from "./files-quota.ts";

export interface BrokerOptions {
  /** Absolute path of the only folder whose files tools may see. */
  readonly workspace: string;
  /** Names that are not looked up in DNS, and their addresses. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Absolute paths that no tool may touch, whatever its grant says. */
  readonly protectedPaths: readonly string[];
  /** What files carry; without it each is a stranger's. */
  readonly labels?: FileLabels;
  /** Disk that files leave free; `limits.workspaceReserveBytes` where it is left out. */
  readonly reserveBytes?: number;
}

/** What the broker needs to know to serve one call. */
export interface DoorContext extends BrokerOptions {
  readonly grant: Grant;
  readonly labels: FileLabels;
  readonly quota: FilesQuota;
  /** Aborted when the call is over: nothing may begin or take effect after that. */
  readonly signal: AbortSignal;
  book(entry: BrokerEntry): void;
  /** Raises the label of what the call has read. */
  handIn(label: Label): void;
  /** Of what the call knows by now, and so of whatever it says. */
  known(): Label;
}

export function createBroker(options: BrokerOptions): Broker {
  return { open: (grant, signal) => new Door(options, grant, signal) };
}

class Door implements BrokerDoor {
  readonly entries: BrokerEntry[] = [];
  read: Label = cleanLabel;
  readonly #context: DoorContext;
  readonly #closed = new AbortController();
  readonly #underWay: Set<Promise<JsonValue>> = new Set();
  #requests = 0;

  constructor(options: BrokerOptions, grant: Grant, signal: AbortSignal) {
    this.#context = {
      ...options,
      labels: options.labels ?? noFileLabels,
      quota: new FilesQuota(),
      grant,
      signal: AbortSignal.any([signal, this.#closed.signal]),
      book: (entry) => this.entries.push(entry),
      handIn: (label) => {
        this.read = joinLabels(this.read, label);
      },
      known: () => joinLabels(grant.label, this.read),
    };
  }

  async request(name: string, args: JsonValue): Promise<JsonValue> {
    if (this.#context.signal.aborted) throw new Refusal("CANCELLED");
    this.#requests += 1;
    if (this.#requests > limits.hostCallsPerCall) throw new Refusal("HOSTCALL_LIMIT");
    const doing = this.#serve(name, args);
    this.#underWay.add(doing);
    try {
      return await doing;
    } finally {
      this.#underWay.delete(doing);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort("the call is over");
    await Promise.allSettled(this.#underWay);
  }

  #serve(name: string, args: JsonValue): Promise<JsonValue> {
    switch (name) {
      case "files.read":
      case "files.write":
      case "files.list":
        return requestFiles(name, args, this.#context);
      case "fetch":
        return requestFetch(args, this.#context);
      default:
        return Promise.reject(new Refusal("EGRESS_DENIED", "the broker knows no such request"));
    }
  }
}
