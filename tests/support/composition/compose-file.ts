import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../source-files.ts";

/** `docker-compose.yml` with its variables filled in; what a service says is not looked at here. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, ComposeNetwork>>;
  readonly volumes: Readonly<Record<string, object>>;
}

export type Service = Readonly<Record<string, unknown>> & {
  readonly volumes: readonly ComposeMount[];
  readonly networks?: readonly string[];
};

export interface ComposeMount {
  readonly type: "bind" | "volume";
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}

export interface ComposeNetwork {
  readonly driver: string;
  readonly internal?: boolean;
  readonly driver_opts?: Readonly<Record<string, string>>;
}

export function readCompose(variables: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
  const filled = text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise = "") => {
    return variables[name] ?? otherwise;
  });
  return parse(filled, { merge: true }) as ComposeFile;
}
