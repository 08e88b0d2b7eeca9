import { Argument, type Command, InvalidArgumentError } from "commander";
import { Refusal } from "../../../manifests/refusals.ts";
import type { MintedKey } from "../../credentials/secret-key.ts";
import { type Key, type KeyKind, keyKinds, type Store } from "../../store/store.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { localActor, withStore } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timeText } from "../time-text.ts";

const dayMs = 86_400_000;

interface NewOptions {
  readonly principal: string;
  readonly days?: number;
  readonly json?: true;
}

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program
    .command("keys")
    .description("Make, list, revoke and rotate the keys that clients hold.")
    .addHelpText("after", examples);
  addNew(keys, program, terminal);
  keys
    .command("list")
    .description("List the keys; a secret is kept nowhere and shown only when it is made.")
    .option("--json", "print JSON")
    .action(({ json }: Pick<NewOptions, "json">) => listKeys(program, terminal, json));
  keys
    .command("revoke")
    .description("End a key at once.")
    .argument("<id>")
    .action((id: string) =>
      withStore(program, terminal, async (store) => {
        await revoke(store, id, terminal);
        terminal.print(`revoked ${id}`);
      }),
    );
  addRotate(keys, program, terminal);
}

const examples = `
Kinds: host opens sessions and says what the user said; agent proposes calls; operator answers
approvals and freezes; auditor reads. None implies another.

Examples:
  ringward keys new host --principal support-app
  ringward keys new operator --principal alice --days 90
  ringward keys rotate key_019e…`;

function addNew(keys: Command, program: Command, terminal: Terminal): void {
  keys
    .command("new")
    .description("Make a key and print its secret, this once.")
    .addArgument(new Argument("<kind>", "what the key is for").choices(keyKinds))
    .requiredOption("--principal <name>", "whom it acts for, or who holds it", principalName)
    .option("--days <n>", "days until it expires (default: never)", days)
    .option("--json", "print JSON")
    .action((kind: KeyKind, options: NewOptions) =>
      withStore(program, terminal, async (store) => {
        const lifetimeMs = options.days === undefined ? undefined : options.days * dayMs;
        const minted = await mint({ kind, principal: options.principal, lifetimeMs });
        await store.keys.add(minted.key, localActor(terminal));
        showMinted(minted, options.json, terminal);
      }),
    );
}

function addRotate(keys: Command, program: Command, terminal: Terminal): void {
  keys
    .command("rotate")
    .description("Make a key like this one, print its secret, and revoke the old one.")
    .argument("<id>")
    .option("--json", "print JSON")
    .action((id: string, { json }: Pick<NewOptions, "json">) =>
      withStore(program, terminal, async (store) => {
        const old = (await store.keys.list()).find((key) => key.id === id);
        if (old === undefined) throw noSuchKey();
        if (old.revokedAt !== undefined) {
          throw new CommandError(
            exitCodes.found,
            "the key is revoked (make one: `ringward keys new`)",
          );
        }
        const { kind, principal, createdAt, expiresAt } = old;
        const lifetimeMs = expiresAt === undefined ? undefined : expiresAt - createdAt;
        const minted = await mint({ kind, principal, lifetimeMs });
        await store.keys.add(minted.key, localActor(terminal));
        await revoke(store, id, terminal);
        showMinted(minted, json, terminal);
      }),
    );
}

interface Wanted {
  readonly kind: KeyKind;
  readonly principal: string;
  readonly lifetimeMs: number | undefined;
}

async function mint({ kind, principal, lifetimeMs }: Wanted): Promise<MintedKey> {
  const { mintKey } = await import("../../credentials/secret-key.ts");
  const { createIds } = await import("../../ids.ts");
  const now = Date.now();
  const expires = lifetimeMs === undefined ? {} : { expiresAt: now + lifetimeMs };
  return mintKey({ kind, principal, id: createIds(Date.now)("key"), now, ...expires });
}

async function revoke(store: Store, id: string, terminal: Terminal): Promise<void> {
  if (!(await store.keys.revoke(id, localActor(terminal)))) throw noSuchKey();
}

function noSuchKey(): Refusal {
  return new Refusal("NOT_FOUND", "there is no such key");
}

function showMinted({ key, secret }: MintedKey, json: true | undefined, terminal: Terminal): void {
  const { hash: _, ...about } = key;
  if (json) {
    terminal.printJson({ ...about, secret });
    return;
  }
  terminal.print(secret);
  terminal.note(
    `${key.kind} key ${key.id} for ${key.principal}; this is the only time it is shown`,
  );
}

async function listKeys(program: Command, terminal: Terminal, json?: true): Promise<void> {
  await withStore(program, terminal, async (store) => {
    const keys = await store.keys.list();
    if (json) return terminal.printJson(keys.map(({ hash: _, ...key }) => key));
    if (keys.length === 0) return terminal.note("No keys yet: ringward keys new --help");
    const rows = keys.map((key) => [key.id, key.kind, key.principal, stateOf(key)]);
    terminal.print(table(["KEY", "KIND", "PRINCIPAL", "STATE"], rows));
  });
}

function stateOf({ revokedAt, expiresAt }: Key): string {
  if (revokedAt !== undefined) return `revoked ${timeText(revokedAt)}`;
  if (expiresAt === undefined) return "good";
  return expiresAt > Date.now() ? `good until ${timeText(expiresAt)}` : "expired";
}

function principalName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$/.test(text)) return text;
  throw new InvalidArgumentError("Use letters, digits and `._@:+-`.");
}

function days(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 3_650) return count;
  throw new InvalidArgumentError("Give whole days, 1 to 3650.");
}
