import type { SecureContext } from "node:tls";
import type { Grant } from "../../manifests/grant.ts";
import type { Label } from "../../manifests/label.ts";
import type { SecretProvider } from "../../manifests/secret.ts";
import type { BrokerEntry } from "../sandbox.ts";
import type { CopiedFiles } from "./files/copy-files.ts";
import type { FileLabels } from "./files/file-labels.ts";
import type { FilesQuota } from "./files/files-quota.ts";
import type { Gate } from "./gate.ts";
import type { Resolve } from "./http/resolver.ts";
import type { CallSecrets } from "./secrets/secrets.ts";

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
  readonly copied: CopiedFiles;
  readonly secrets: CallSecrets;
  /** Aborted when the call is over: nothing may begin or take effect after that. */
  readonly signal: AbortSignal;
  book(entry: BrokerEntry): void;
  /** As the door's own. */
  refuseHandles(text: string, action: string): void;
  /** Raises the label of what the call has read. */
  handIn(label: Label): void;
  /** Of what the call knows by now, and so of whatever it says. */
  known(): Label;
}

/** What all calls share. */
export interface Served extends Omit<BrokerOptions, "secrets" | "authorities"> {
  readonly resolve: Resolve;
  readonly authorities?: SecureContext;
  readonly filesGate: Gate;
  readonly copyOutGate: Gate;
}
