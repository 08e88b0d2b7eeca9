import type { Command } from "commander";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { type SecretBinding, secretBindingSchema, secretName } from "../../manifests/secret.ts";
import type { StoredSecret } from "../secrets/sealed-secrets.ts";
import { changeSecretsFile, secretsPlace } from "../secrets/secrets-file.ts";
import { escapeText } from "./escape.ts";
import { exitCodes } from "./exit-codes.ts";
import { CommandError, orConfiguration } from "./failure.ts";
import { mayBeTool } from "./may-be-tool.ts";
import { localActor, withStore } from "./open.ts";
import { readSecret } from "./read-secret.ts";
import type { Terminal } from "./terminal.ts";

/** Of `ringward secrets set`. */
export interface SetOptions {
  readonly tool: readonly string[];
  readonly principal: readonly string[];
  readonly scheme: string;
  readonly host: string;
  readonly port: readonly string[];
  readonly method: readonly string[];
  readonly path: string;
  readonly header?: string;
  readonly prefix?: string;
  readonly query?: string;
  readonly json?: string;
}

export interface SecretsChange {
  readonly what: "set" | "rotate" | "remove";
  readonly name: string;
  /** Only where one is set. */
  readonly options: SetOptions;
}

/** Changes one secret. The record is written first: none changes unrecorded. */
export async function changeSecrets(
  change: SecretsChange,
  program: Command,
  terminal: Terminal,
): Promise<void> {
  const name = parseName(change.name);
  await withStore(program, terminal, async (store, config) => {
    const place = secretsPlace(config, terminal.env.variable);
    const changing = changeSecretsFile(place, async (stored) => {
      const { secret, secrets } = await changed({ ...change, name }, stored, terminal);
      const binding = secret.binding as unknown as JsonValue;
      const by = localActor(terminal);
      await store.record.append({ kind: `secret.${change.what}`, by, name, binding });
      return secrets;
    });
    const { madeKey } = await orConfiguration(changing);
    terminal.print(`${done[change.what]} ${name}`);
    for (const tool of change.what === "set" ? change.options.tool : []) {
      if (await mayBeTool(tool, config)) continue;
      terminal.note(
        `No tool of this deployment is named ${escapeText(tool)}; it is kept all the same.`,
      );
    }
    if (madeKey) terminal.note(`made their key: ${place.keyFile} (keep a copy of it elsewhere)`);
  });
}

const done = { set: "set", rotate: "rotated", remove: "removed" } as const;

function parseName(text: string): string {
  const { data, error } = secretName.safeParse(text);
  if (data !== undefined) return data;
  throw new CommandError(exitCodes.usage, `${error?.issues[0]?.message} (give another name)`);
}

interface Changed {
  readonly secret: StoredSecret;
  readonly secrets: readonly StoredSecret[];
}

async function changed(
  { what, name, options }: SecretsChange,
  stored: readonly StoredSecret[],
  terminal: Terminal,
): Promise<Changed> {
  if (what === "set") {
    refuseSecond(name, stored);
    const binding = bindingOf(options);
    const value = await readSecret(terminal);
    const at = Date.now();
    const secret = { name, binding, value, createdAt: at, changedAt: at };
    return { secret, secrets: [...stored, secret] };
  }
  const old = findStored(stored, name);
  if (what === "remove") return { secret: old, secrets: stored.filter((one) => one !== old) };
  const secret = { ...old, value: await readSecret(terminal), changedAt: Date.now() };
  return { secret, secrets: stored.with(stored.indexOf(old), secret) };
}

function refuseSecond(name: string, stored: readonly StoredSecret[]): void {
  if (stored.some((one) => one.name === name)) {
    const mend = "`ringward secrets rotate` changes its value, `rm` removes it";
    throw new CommandError(exitCodes.found, `there is a secret of that name (${mend})`);
  }
  if (stored.length >= limits.secretsPerDeployment) {
    throw new CommandError(exitCodes.found, `there are ${stored.length} secrets (remove some)`);
  }
}

function bindingOf(options: SetOptions): SecretBinding {
  const { scheme, host, path, header, prefix, query, json } = options;
  const to = { scheme, host, path, ports: options.port.map(Number), methods: options.method };
  const place = {
    ...(header !== undefined && { header: header.toLowerCase() }),
    ...(prefix !== undefined && { prefix }),
    ...(query !== undefined && { query }),
    ...(json !== undefined && { json }),
  };
  const whole = { tools: options.tool, principals: options.principal, to, place };
  const { data, error } = secretBindingSchema.safeParse(whole);
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  const mend = "see `ringward secrets set --help`";
  throw new CommandError(exitCodes.usage, `${issue?.path.join(".")}: ${issue?.message} (${mend})`);
}

function findStored(stored: readonly StoredSecret[], name: string): StoredSecret {
  const found = stored.find((one) => one.name === name);
  if (found) return found;
  throw new CommandError(exitCodes.found, "there is no such secret (see `ringward secrets list`)");
}
