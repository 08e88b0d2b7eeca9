import { createSecureContext, rootCertificates } from "node:tls";
import type { JsonValue } from "../../manifests/json.ts";
import { cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerEntry } from "../sandbox.ts";
import type { Broker, BrokerDoor } from "./broker.ts";
import type { BrokerOptions, DoorContext, Served } from "./door-context.ts";
import { copyIn, copyOut } from "./files/copy-files.ts";
import { noFileLabels } from "./files/file-labels.ts";
import { requestFiles } from "./files/files.ts";
import { FilesQuota } from "./files/files-quota.ts";
import { mountPath } from "./files/mount-path.ts";
import { Gate } from "./gate.ts";
import { requestFetch } from "./http/fetch.ts";
import { passRequest } from "./http/pass.ts";
import type { ProgramRequest, Tell } from "./http/program-request.ts";
import { createResolver } from "./http/resolver.ts";
import { type Accept, openTunnel, type TunnelRequest } from "./http/tunnel.ts";
import { CallSecrets } from "./secrets/secrets.ts";
import { requestSecret } from "./secrets/secrets-handle.ts";

export function createBroker(options: BrokerOptions): Broker {
  const { secrets, authorities, ...rest } = options;
  const served: Served = {
    ...rest,
    resolve: options.resolve ?? createResolver(),
    filesGate: new Gate(limits.filesAtOnce),
    copyOutGate: new Gate(1),
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
  readonly #underWay: Set<Promise<unknown>> = new Set();
  #requests = 0;

  constructor(served: Served, { grant, signal, secrets }: Call) {
    this.#context = {
      ...served,
      secrets,
      labels: served.labels ?? noFileLabels,
      quota: new FilesQuota(),
      copied: new Map(),
      grant,
      signal: AbortSignal.any([signal, this.#closed.signal]),
      book: (entry) => this.entries.push(entry),
      refuseHandles: (text, action) => this.refuseHandles(text, action),
      handIn: (label) => {
        this.read = joinLabels(this.read, label);
      },
      known: () => joinLabels(grant.label, this.read),
    };
  }

  async request(name: string, args: JsonValue): Promise<JsonValue> {
    return await this.#do((context) => this.#serve(name, args, context));
  }

  async pass(request: ProgramRequest, tell: Tell): Promise<void> {
    await this.#do((context) => {
      this.#count();
      return passRequest(request, tell, context);
    });
  }

  async tunnel(request: TunnelRequest, accept: Accept): Promise<void> {
    await this.#do((context) => {
      this.#count();
      return openTunnel(request, accept, context);
    });
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  async mount(path: string): Promise<void> {
    await this.#do((context) => mountPath(path, context));
  }

  async copyIn(path: string): Promise<Buffer | undefined> {
    return await this.#do((context) => copyIn(path, context));
  }

  async copyOut(files: ReadonlyMap<string, Buffer>): Promise<void> {
    await this.#do((context) => copyOut(files, context));
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

  async #do<T>(doing: (context: DoorContext) => Promise<T>): Promise<T> {
    if (this.#context.signal.aborted) throw new Refusal("CANCELLED");
    this.#context.secrets.refuseMisuser();
    const done = doing(this.#context);
    this.#underWay.add(done);
    try {
      return await done;
    } finally {
      this.#underWay.delete(done);
    }
  }

  /** Of what the guest asks itself. */
  #count(): void {
    this.#requests += 1;
    if (this.#requests > limits.hostCallsPerCall) throw new Refusal("HOSTCALL_LIMIT");
  }

  async #serve(name: string, args: JsonValue, context: DoorContext): Promise<JsonValue> {
    this.#count();
    switch (name) {
      case "files.read":
      case "files.write":
      case "files.list":
        if (context.secrets.areGiven) this.refuseHandles(textOf(args), name);
        return await requestFiles(name, args, context);
      case "fetch":
        return await requestFetch(args, context);
      case "secret":
        return requestSecret(args, context);
      default:
        throw new Refusal("EGRESS_DENIED", "the broker knows no such request");
    }
  }
}

/** As much as a request for files can hold: what is longer is refused, and read by nobody. */
function textOf(args: JsonValue): string {
  return JSON.stringify(args, (key, value: unknown) => {
    if (typeof value !== "string") return value;
    const text = key === "base64" ? Buffer.from(value, "base64").toString("latin1") : value;
    return text.slice(0, limits.fileBytes);
  });
}
