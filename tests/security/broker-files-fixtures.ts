import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { DeclaredFiles } from "../../gateway/files/declared-files.ts";
import { createFileLabels } from "../../gateway/files/file-labels.ts";
import type { Store } from "../../gateway/store/store.ts";
import type { Label } from "../../manifests/label.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { openTestStore } from "../support/open-test-store.ts";
import { everything, grantOf } from "./broker-fixtures.ts";

export const trusted: Label = { integrity: "trusted", confidentiality: "public" };
export const untrusted: Label = { integrity: "untrusted", confidentiality: "public" };
export const secret: Label = { integrity: "trusted", confidentiality: "secret" };
export const foreign: Label = { integrity: "untrusted", confidentiality: "internal" };

export interface LabelledPlace {
  readonly folder: string;
  readonly workspace: string;
  readonly store: Store;
  /** A door for one call that carries a label. */
  open(label: Label, signal?: AbortSignal): BrokerDoor;
  write(label: Label, path: string, text: string): Promise<void>;
  /** By a call that carries nothing: what was read, and with which label. */
  read(path: string): Promise<{ readonly text: string; readonly label: Label }>;
}

/** Lets the event loop go round some times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

/** A workspace whose files' labels stand in a real store. */
export async function labelledPlace(
  t: Test,
  declared: readonly DeclaredFiles[] = [],
): Promise<LabelledPlace> {
  const { store, folder } = await openTestStore(t);
  const workspace = join(folder, "workspace");
  mkdirSync(join(workspace, "docs"), { recursive: true });
  return { folder, workspace, store, ...doorsTo(workspace, store, declared) };
}

export function doorsTo(
  workspace: string,
  store: Store,
  declared: readonly DeclaredFiles[] = [],
): Pick<LabelledPlace, "open" | "write" | "read"> {
  const labels = createFileLabels(store.files, declared);
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [], labels });
  const permissions = { net: [], fs: everything };
  const open: LabelledPlace["open"] = (label, signal = new AbortController().signal) =>
    broker.open(grantOf({ label, permissions }), signal);
  return {
    open,
    async write(label, path, text) {
      await open(label).request("files.write", { path, text });
    },
    async read(path) {
      const door = open(trusted);
      return { text: String(await door.request("files.read", { path })), label: door.read };
    },
  };
}
