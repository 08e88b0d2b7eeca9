import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import type { Grant } from "../../manifests/grant.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { SecretProvider } from "../../manifests/secret.ts";
import type { BrokerEntry } from "../sandbox.ts";
import type { Broker, BrokerDoor } from "./broker.ts";
import { type FileLabels, noFileLabels } from "./files/file-labels.ts";
import { requestFiles } from "./files/files.ts";
import { FilesQuota } from "./files/files-quota.ts";
import { Gate } from "./files/gate.ts";
import { requestFetch } from "./http/fetch.ts";
import { createResolver, type Resolve } from "./http/resolver.ts";
import { CallSecrets } from "./secrets/secrets.ts";
import { requestSecret } from "./secrets/secrets-handle.ts";

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
  /** Without it no call has secrets. */
  readonly secrets?: SecretProvider;
  /** How names become addresses; the system's DNS servers where it is left out. */
  readonly resolve?: Resolve;
  /** Certificates (PEM) of authorities that are believed beside the public ones. */
  readonly authorities?: readonly string[];
}

/** What the broker needs to know to serve one call. */
export interface DoorContext extends Served {
  readonly grant: Grant;
  readonly labels: FileLabels;
  readonly quota: FilesQuota;
  readonly secrets: CallSecrets;
  /** Aborted when the call is over: nothing may begin or take effect after that. */
  readonly signal: AbortSignal;
  book(entry: BrokerEntry): void;
  /** Raises the label of what the call has read. */
  handIn(label: Label): void;
  /** Of what the call knows by now, and so of whatever it says. */
  known(): Label;
}

/** What all calls share. */
interface Served extends Omit<BrokerOptions, "secrets" | "authorities"> {
  readonly resolve: Resolve;
  readonly authorities?: SecureContext;
  readonly filesGate: Gate;
}

export function createBroker(options: BrokerOptions): Broker {
  const { secrets, authorities, ...rest } = options;
  const served: Served = {
    ...rest,
    resolve: options.resolve ?? createResolver(),
    filesGate: new Gate(limits.filesAtOnce),
    // Made once: reading the public ones takes as long as a whole call.
    ...(authorities && {
      authorities: createSecureContext({ ca: [...rootCertificates, ...authorities] }),
    }),
  };
  return {
    open: (grant, signal) =>
      new Door(served, { grant, signal, secrets: new CallSecrets(grant, secrets) }),
  };
}

type Call = Pick<DoorContext, "grant" | "signal" | "secrets">;

class Door implements BrokerDoor {
  readonly entries: BrokerEntry[] = [];
  read: Label = cleanLabel;
  readonly #context: DoorContext;
  readonly #closed = new AbortController();
  readonly #underWay: Set<Promise<JsonValue>> = new Set();
  #requests = 0;

  constructor(served: Served, { grant, signal, secrets }: Call) {
    this.#context = {
      ...served,
      secrets,
      labels: served.labels ?? noFileLabels,
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
    this.#context.secrets.refuseMisuser();
    const doing = this.#serve(name, args);
    this.#underWay.add(doing);
    try {
      return await doing;
    } finally {
      this.#underWay.delete(doing);
    }
  }

  redact(text: string): string {
    return this.#context.secrets.redact(text);
  }

  refuseHandles(text: string, action: string): void {
    this.#context.secrets.refuseMisuser();
    try {
      this.#context.secrets.refuseHandles(text);
    } catch (error) {
      const code = "SECRET_MISUSED";
      this.#context.book({ door: "secrets", action, target: "", bytes: 0, code });
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed.abort("the call is over");
    await Promise.allSettled(this.#underWay);
  }

  async #serve(name: string, args: JsonValue): Promise<JsonValue> {
    switch (name) {
      case "files.read":
      case "files.write":
      case "files.list":
        if (this.#context.secrets.areGiven) this.refuseHandles(textOf(args), name);
        return await requestFiles(name, args, this.#context);
      case "fetch":
        return await requestFetch(args, this.#context);
      case "secret":
        return requestSecret(args, this.#context);
      default:
        throw new Refusal("EGRESS_DENIED", "the broker knows no such request");
    }
  }
}

/** As much as a request for files can hold: what is longer is refused, and read by nobody. */
function textOf(args: JsonValue): string {
  const cut = (_: string, value: unknown): unknown =>
    typeof value === "string" ? value.slice(0, limits.fileBytes) : value;
  return JSON.stringify(args, cut);
}
