import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../source-files.ts";
import type { ComposeMount, Service } from "./compose-file.ts";

/** What an engine is told to create. */
export interface CreateBody {
  readonly [field: string]: unknown;
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

/**
 * A service of a composition as an engine is told of it. A key that is not known here is no part of
 * what a test would show, so it is an error.
 */
export function createBody(service: Service, volumePrefix: string): CreateBody {
  const container: Record<string, unknown> = {};
  const host: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(service)) {
    const translate = translations[key];
    if (!translate) throw new Error(`a key of docker-compose.yml that no test knows: ${key}`);
    const { HostConfig, ...fields } = translate(value as never, volumePrefix);
    Object.assign(container, fields);
    Object.assign(host, HostConfig);
  }
  return { ...container, HostConfig: host };
}

type Translation = (value: never, volumePrefix: string) => Partial<CreateBody>;

const inHost = (fields: Readonly<Record<string, unknown>>): Partial<CreateBody> => ({
  HostConfig: fields,
});

const translations: Readonly<Record<string, Translation>> = {
  build: () => ({}),
  profiles: () => ({}),
  networks: () => ({}),
  image: (image: string) => ({ Image: image }),
  command: (words: readonly string[]) => (words.length > 0 ? { Cmd: words } : {}),
  entrypoint: (words: readonly string[]) => ({ Entrypoint: words }),
  user: (user: string) => ({ User: user }),
  group_add: (groups: readonly string[]) => inHost({ GroupAdd: groups }),
  read_only: (is: boolean) => inHost({ ReadonlyRootfs: is }),
  cap_drop: (names: readonly string[]) => inHost({ CapDrop: names }),
  security_opt: securityOptions,
  ipc: (mode: string) => inHost({ IpcMode: mode }),
  pid: (mode: string) => inHost({ PidMode: mode }),
  cgroup: (mode: string) => inHost({ CgroupnsMode: mode }),
  init: (is: boolean) => inHost({ Init: is }),
  sysctls: (names: Readonly<Record<string, string>>) => inHost({ Sysctls: names }),
  mem_limit: (size: string) => inHost({ Memory: bytesOf(size) }),
  memswap_limit: (size: string) => inHost({ MemorySwap: bytesOf(size) }),
  pids_limit: (most: number) => inHost({ PidsLimit: most }),
  tmpfs: (mounts: readonly string[]) =>
    inHost({ Tmpfs: Object.fromEntries(mounts.map((one) => cut(one))) }),
  network_mode: (mode: string) => inHost({ NetworkMode: mode }),
  ports: (published: readonly string[]) => portsOf(published),
  volumes: (mounts: readonly ComposeMount[], prefix) =>
    inHost({ Mounts: mounts.map((one) => mountOf(one, prefix)) }),
  stdin_open: (is: boolean) => ({ OpenStdin: is, StdinOnce: is }),
  environment: (values: Readonly<Record<string, string>>) => ({
    Env: Object.entries(values).map(([name, value]) => `${name}=${value}`),
  }),
  healthcheck: () => ({ Healthcheck: { Test: ["NONE"] } }),
  restart: (name: string) => inHost({ RestartPolicy: { Name: name } }),
  dns: (servers: readonly string[]) => inHost({ Dns: servers }),
};

/** Files of filters are sent along, and paths are uncovered by a field: so does `docker`. */
function securityOptions(options: readonly string[]): Partial<CreateBody> {
  const isUncovered = options.includes("systempaths=unconfined");
  return inHost({
    SecurityOpt: options.filter((one) => !one.startsWith("systempaths")).map(withFilter),
    ...(isUncovered && { MaskedPaths: [], ReadonlyPaths: [] }),
  });
}

function withFilter(option: string): string {
  const [name, file = ""] = cut(option, "=");
  if (name !== "seccomp" || file === "unconfined") return option;
  return `seccomp=${readFileSync(join(root, file), "utf8")}`;
}

function mountOf({ type, source, target, read_only }: ComposeMount, prefix: string): object {
  const isVolume = type === "volume";
  return {
    ...{ Type: type, Target: target, ReadOnly: read_only === true },
    Source: isVolume ? `${prefix}${source}` : source,
  };
}

function portsOf(published: readonly string[]): Partial<CreateBody> {
  const bindings = published.map((one) => {
    const [HostIp, HostPort, port] = one.split(":");
    return [`${port}/tcp`, [{ HostIp, HostPort }]] as const;
  });
  return {
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: { PortBindings: Object.fromEntries(bindings) },
  };
}

function cut(text: string, at = ":"): [string, string] {
  const place = text.indexOf(at);
  return place === -1 ? [text, ""] : [text.slice(0, place), text.slice(place + 1)];
}

export function bytesOf(size: string): number {
  const [, amount, unit] = /^(\d+)([mg])$/.exec(size) ?? [];
  return Number(amount) * (unit === "g" ? 2 ** 30 : 2 ** 20);
}
