import { readFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { z } from "zod";
import { type DetectorName, detectorNames } from "../../guardrails/detector.ts";
import {
  type ActionsByKind,
  actions,
  actionsSchema,
  defaultActions,
} from "../../manifests/action.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { SourceError } from "../../manifests/source-error.ts";
import { parseYamlSource } from "../../manifests/yaml-source.ts";
import { type DeclaredFiles, declaredFilesSchema } from "../files/declared-files.ts";
import { type SecretsConfig, secretsConfigSchema } from "../secrets/secrets-config.ts";
import { type SignalRules, signalRulesSchema } from "../signals/rules.ts";
import {
  type ContainersConfig,
  containersConfigSchema,
  containersProblem,
  withAbsoluteContainers,
} from "./containers-config.ts";

/**
 * In `production` a tier without its walls is not offered. In `development` it is offered without
 * them where the machine can build none, on loopback alone.
 */
export type Mode = (typeof modes)[number];

export const modes = ["production", "development"] as const;

/** A deployment: the file `ringward.yaml`. Paths are absolute once it has been read. */
export interface Config {
  readonly apiVersion: "ringward/v1";
  readonly kind: "Deployment";
  readonly mode: Mode;
  readonly listen: {
    readonly agents: Address;
    readonly operators: Address;
    /** Host names under which clients may call, beside the addresses themselves. */
    readonly names: readonly string[];
    readonly tls?: { readonly cert: string; readonly key: string };
  };
  /** Store, keys and sockets; 0700, outside the workspace and the manifests. */
  readonly state: string;
  /** The only folder whose files tools may see. */
  readonly workspace: string;
  /** What the owner says of files in it; of others nothing is known. */
  readonly files: readonly DeclaredFiles[];
  /** Folders of `*.cedar`; the shipped ones are used where this is left out. */
  readonly policies?: readonly string[];
  /** Folders of manifests, beside the shipped tools named in `tools`. A name may stand once. */
  readonly manifests: readonly string[];
  /** The shipped tools that are offered; all of them where this is left out. */
  readonly tools?: readonly string[];
  /** Detectors of rings 3 and 9. An empty list is refused: a gateway without guards is none. */
  readonly guards: {
    readonly input: readonly DetectorName[];
    readonly output: readonly DetectorName[];
    /** What is done about findings in results, by their kind; beside the defaults. */
    readonly actions: ActionsByKind;
    /** A file of false alarms that are not to be heard again for a while. */
    readonly suppressions?: string;
  };
  readonly workers: number;
  /** Who runs containers; without it they are off in production, and tried at need in development. */
  readonly containers?: ContainersConfig;
  /** What the gateway freezes by itself. */
  readonly signals: SignalRules;
  /** Names that the broker resolves by itself, before DNS. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Certificates (PEM files) of private authorities that tools' https may be signed by. */
  readonly authorities: readonly string[];
  readonly secrets: SecretsConfig;
  readonly jwt?: JwtConfig;
}

export interface Address {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Tokens of an identity provider, beside API keys. */
export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string;
  /** A file with a JSON Web Key Set, or its https address. */
  readonly jwks: string;
}

const address = (port: number): z.ZodType<Address> =>
  z.strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    port: z.int().min(0).max(65_535).default(port),
  });

const detectors = z.array(z.enum(detectorNames)).min(1, "an empty pipeline guards nothing");

const configSchema: z.ZodType<Config> = z.strictObject({
  apiVersion: z.literal("ringward/v1"),
  kind: z.literal("Deployment"),
  mode: z.enum(modes).default("production"),
  listen: z
    .strictObject({
      agents: address(8700).prefault({}),
      operators: address(8701).prefault({}),
      names: z.array(z.string().max(253)).max(32).default([]),
      tls: z.strictObject({ cert: z.string(), key: z.string() }).exactOptional(),
    })
    .prefault({}),
  state: z.string().min(1).default("./state"),
  workspace: z.string().min(1).default("./workspace"),
  files: declaredFilesSchema.default([]),
  policies: z.array(z.string().min(1)).min(1).exactOptional(),
  manifests: z.array(z.string().min(1)).default([]),
  tools: z.array(z.string()).exactOptional(),
  guards: z
    .strictObject({
      input: detectors.default(["secrets", "disguise", "personal"]),
      output: detectors.default(["secrets", "injection", "personal", "active"]),
      actions: actionsSchema(actions)
        .prefault({})
        .transform((own) => ({ ...defaultActions, ...own })),
      suppressions: z.string().min(1).exactOptional(),
    })
    .prefault({}),
  workers: z.int().min(1).max(64).default(limits.workers),
  containers: containersConfigSchema.exactOptional(),
  signals: signalRulesSchema.prefault({}),
  hosts: z.record(z.string().max(253), z.union([z.ipv4(), z.ipv6()])).default({}),
  authorities: z.array(z.string().min(1)).max(32).default([]),
  secrets: secretsConfigSchema.prefault({}),
  jwt: z
    .strictObject({ issuer: z.string(), audience: z.string(), jwks: z.string() })
    .exactOptional(),
});

/**
 * Reads a deployment file; paths in it are relative to its folder.
 *
 * @throws {SourceError} for the first thing that is wrong, with file, line and column.
 */
export async function readConfig(file: string): Promise<Config> {
  const text = await readText(file);
  return parseYamlSource({ file, text, guide: "docs/deployment.md" }, (input) => {
    const config = withAbsolutePaths(parseConfig(input), dirname(resolve(file)));
    const problem = containersProblem(config);
    if (problem !== undefined) complain("containers", problem);
    refuseOverlap(config, resolve(file));
    return config;
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code } = Object(cause) as { readonly code?: string };
    throw new SourceError(
      { file, line: 1, column: 1 },
      { what: `cannot be read: ${code}`, mend: "make one: `ringward init DIR`", cause },
    );
  }
}

/** @throws {z.ZodError} */
export function parseConfig(input: unknown): Config {
  return configSchema.parse(input);
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const absolute = (path: string): string => resolve(folder, path);
  const { jwt, listen, containers } = config;
  const { tls } = listen;
  const isFile = jwt !== undefined && !/^https?:/.test(jwt.jwks);
  return {
    ...config,
    listen: {
      ...listen,
      ...(tls && { tls: { cert: absolute(tls.cert), key: absolute(tls.key) } }),
    },
    state: absolute(config.state),
    workspace: absolute(config.workspace),
    manifests: config.manifests.map(absolute),
    authorities: config.authorities.map(absolute),
    guards: withAbsoluteSuppressions(config.guards, absolute),
    secrets: withAbsoluteKey(config.secrets, absolute),
    ...(containers && { containers: withAbsoluteContainers(containers, folder) }),
    ...(config.policies && { policies: config.policies.map(absolute) }),
    ...(isFile && { jwt: { ...jwt, jwks: absolute(jwt.jwks) } }),
  };
}

function withAbsoluteKey(
  secrets: SecretsConfig,
  absolute: (path: string) => string,
): SecretsConfig {
  const { keyFile } = secrets;
  return keyFile === undefined ? secrets : { ...secrets, keyFile: absolute(keyFile) };
}

function withAbsoluteSuppressions(
  guards: Config["guards"],
  absolute: (path: string) => string,
): Config["guards"] {
  const { suppressions } = guards;
  return suppressions === undefined ? guards : { ...guards, suppressions: absolute(suppressions) };
}

/**
 * What tools may write must hold neither the record nor what says what tools may do.
 *
 * @throws {z.ZodError}
 */
function refuseOverlap(config: Config, file: string): void {
  const { workspace } = config;
  for (const [key, path] of [...controlsOf(config), ["this file", file] as const]) {
    if (overlap(workspace, path)) complain("workspace", `it shares files with \`${key}\``);
  }
}

/** Files and folders by which the gateway is what it is, each with the key that names it. */
export function controlsOf(config: Config): readonly (readonly [string, string])[] {
  const { policies = [], jwt, listen, secrets, containers } = config;
  const isFile = jwt !== undefined && !/^https?:/.test(jwt.jwks);
  const named: readonly (readonly [string, readonly (string | undefined)[]])[] = [
    ["state", [config.state]],
    ["secrets.keyFile", [secrets.keyFile]],
    ["policies", policies],
    ["manifests", config.manifests],
    ["authorities", config.authorities],
    ["guards.suppressions", [config.guards.suppressions]],
    ["listen.tls", [listen.tls?.cert, listen.tls?.key]],
    ["jwt.jwks", isFile ? [jwt.jwks] : []],
    ["containers.engine", [containers?.engine]],
    ["containers.launcher", [containers?.launcher]],
    ["containers.sockets", [containers?.sockets]],
    ["containers.images", [containers?.images]],
  ];
  return named.flatMap(([key, paths]) =>
    paths.flatMap((path) => (path === undefined ? [] : [[key, path] as const])),
  );
}

function complain(key: string, message: string): never {
  throw new z.ZodError([{ code: "custom", path: [key], message, input: undefined }]);
}

function overlap(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}

function covers(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** The JSON Schema of a deployment file, for editors. */
export function configJsonSchema(): JsonObject {
  return z.toJSONSchema(configSchema, { io: "input" }) as JsonObject;
}
