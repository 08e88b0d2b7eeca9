import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import type { Gateway } from "../open-gateway.ts";
import type { Actor, Store } from "../store/store.ts";
import { orConfiguration } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** The deployment that a command is about. */
export interface Deployment {
  readonly config: Config;
  /** Absent where the built-in defaults apply. */
  readonly file?: string;
}

/**
 * `--config`, else `./ringward.yaml`, else the built-in defaults under `$XDG_STATE_HOME/ringward`.
 *
 * @throws {SourceError} with file, line and column.
 */
export async function readDeployment(program: Command, terminal: Terminal): Promise<Deployment> {
  const { config: named } = program.opts<{ config?: string }>();
  const file = resolve(terminal.cwd, named ?? "ringward.yaml");
  if (named !== undefined || existsSync(file)) {
    const { readConfig } = await import("../config/config.ts");
    return { config: await readConfig(file), file };
  }
  const { embeddedConfig } = await import("../config/embedded.ts");
  const stateHome = terminal.env.stateHome ?? join(terminal.home, ".local", "state");
  return { config: embeddedConfig(resolve(stateHome, "ringward")) };
}

/** What the record calls the person at the keyboard. */
export function localActor(terminal: Terminal): Actor {
  return `local:${terminal.user.name.replace(/[^A-Za-z0-9._@+-]/g, "_")}`;
}

/** Runs `use` with the store of the deployment, open for this command alone. */
export async function withStore<T>(
  program: Command,
  terminal: Terminal,
  use: (store: Store, config: Config) => Promise<T>,
): Promise<T> {
  const { config } = await readDeployment(program, terminal);
  const { openStore } = await import("../store/open-store.ts");
  const store = await orConfiguration(
    openStore({ folder: config.state, writer: "cli", now: Date.now }),
  );
  try {
    return await use(store, config);
  } finally {
    await store.close();
  }
}

/** Opens the gateway itself; `writer` says whether it is the one server or a command line. */
export async function openGatewayOf(
  config: Config,
  writer: "gateway" | "cli",
  terminal: Terminal,
): Promise<Gateway> {
  const { openGateway } = await import("../open-gateway.ts");
  return await orConfiguration(openGateway(config, { writer, env: terminal.env.variable }));
}
