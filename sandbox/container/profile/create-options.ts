import { containerLimits } from "../../../manifests/container-limits.ts";
import type { LaunchRequest } from "../link/launcher.ts";
import { profile, tierProfiles } from "./profile.ts";
import { seccompProfile } from "./seccomp.ts";

export interface CreateInput {
  /** Of the tool's manifest. */
  readonly launchable: {
    readonly command: readonly string[];
    readonly memoryMb: number;
    readonly cpuMs: number;
    /** A service has processor time for many calls: `containerLimits.serviceCpuMs`. */
    readonly lifecycle: "call" | "service";
  };
  readonly request: Pick<LaunchRequest, "tier" | "limits">;
  readonly image: ImageFacts;
  /** Absolute on the host; `path` is relative to the workspace. */
  readonly mounts: readonly { readonly source: string; readonly path: string }[];
  /** Absolute on the host; absent where the tool has no way out. */
  readonly socketFolder?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Of the very image that runs, as the engine tells it. */
export interface ImageFacts {
  /** `sha256:…` */
  readonly id: string;
  /** `NAME=value`, as its configuration has them. */
  readonly env: readonly string[];
  /** Folders that it declares volumes. */
  readonly volumes: readonly string[];
}

/**
 * What the engine is told to create, to the letter: the body of its request, and nothing beside it.
 *
 * @throws {RangeError} for a limit that is no positive integer: to the engine none would be endless.
 */
export function createOptions(input: CreateInput): CreateOptions {
  const { launchable, request, image } = input;
  const [program = "", ...words] = launchable.command;
  return {
    Image: image.id,
    Entrypoint: [program],
    Cmd: words,
    Env: [...profile.env, ...takenOut(image.env)],
    User: profile.user,
    WorkingDir: profile.workingDir,
    Hostname: profile.hostname,
    NetworkDisabled: profile.networkDisabled,
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Healthcheck: profile.healthcheck,
    StopSignal: profile.stopSignal,
    Labels: input.labels,
    HostConfig: hostConfig(input, tierProfiles[request.tier].runtime),
  };
}

function hostConfig(input: CreateInput, runtime: string): HostConfig {
  return {
    Runtime: runtime,
    CapDrop: profile.capDrop,
    SecurityOpt: [...profile.securityOpt, `seccomp=${seccompProfile()}`],
    ReadonlyRootfs: profile.readonlyRootfs,
    Tmpfs: Object.fromEntries(Object.entries(profile.folders).map(folder)),
    Mounts: mountsOf(input),
    NetworkMode: profile.networkMode,
    Sysctls: profile.sysctls,
    Dns: profile.dns,
    DnsSearch: profile.dnsSearch,
    IpcMode: profile.ipcMode,
    CgroupnsMode: profile.cgroupnsMode,
    ...amounts(input),
    OomScoreAdj: profile.oomScoreAdj,
    Init: profile.init,
    RestartPolicy: profile.restartPolicy,
    AutoRemove: false,
    LogConfig: profile.logConfig,
    MaskedPaths: profile.maskedPaths,
    ReadonlyPaths: profile.readonlyPaths,
  };
}

function folder([path, { mib, files }]: readonly [string, Folder]): readonly [string, string] {
  return [path, `${profile.folderOptions},size=${mib}m,nr_inodes=${files}`];
}

interface Folder {
  readonly mib: number;
  readonly files: number;
}

/** What a request and a manifest may lower. */
function amounts({ launchable, request }: CreateInput): Amounts {
  const { memoryOverheadMb, pids, ulimits } = tierProfiles[request.tier];
  const ceiling = containerLimits.containerMemoryMbCeiling;
  const memoryMb = lowest(request.limits.memoryMb, launchable.memoryMb, ceiling);
  const bytes = (memoryMb + memoryOverheadMb) * 2 ** 20;
  const ofCall = lowest(request.limits.cpuMs, launchable.cpuMs);
  const cpuMs = launchable.lifecycle === "call" ? ofCall : containerLimits.serviceCpuMs;
  return {
    Memory: bytes,
    // Memory and swap together: no swap.
    MemorySwap: bytes,
    NanoCpus: profile.nanoCpus,
    PidsLimit: pids,
    Ulimits: [cpuUlimit(cpuMs), ...Object.entries({ ...profile.ulimits, ...ulimits }).map(ulimit)],
  };
}

/** A program is told by SIGXCPU, and a second later it is ended. */
function cpuUlimit(cpuMs: number): Ulimit {
  const seconds = Math.ceil(cpuMs / 1_000);
  return { Name: "cpu", Soft: seconds, Hard: seconds + 1 };
}

function ulimit([name, most]: readonly [string, number]): Ulimit {
  return { Name: name, Soft: most, Hard: most };
}

function lowest(...amounts: readonly number[]): number {
  const isAmount = (one: number): boolean => Number.isSafeInteger(one) && one > 0;
  if (!amounts.every(isAmount)) throw new RangeError("a limit is a positive integer");
  return Math.min(...amounts);
}

/** A variable without a value is removed by the engine. */
function takenOut(env: readonly string[]): readonly string[] {
  const nameOf = (variable: string): string => variable.split("=", 1)[0] ?? "";
  const kept: readonly string[] = profile.env.map(nameOf);
  return env.map(nameOf).filter((name) => name !== "" && !kept.includes(name));
}

function mountsOf({ mounts, socketFolder, image }: CreateInput): readonly Mount[] {
  return [
    ...mounts.map(({ source, path }) => bound(source, `/workspace/${path}`)),
    ...(socketFolder === undefined ? [] : [bound(socketFolder, "/run/ringward")]),
    ...image.volumes.map(covered),
  ];
}

/** Without what is mounted beneath it: that would not be read-only. */
function bound(source: string, target: string): Mount {
  const options = { Propagation: "rprivate", NonRecursive: true } as const;
  return { Type: "bind", Source: source, Target: target, ReadOnly: true, BindOptions: options };
}

/** A volume of an image's would be a place to write on the host's disk. */
function covered(target: string): Mount {
  return { Type: "tmpfs", Target: target, ReadOnly: true, TmpfsOptions: { SizeBytes: 4_096 } };
}

export interface CreateOptions {
  readonly Image: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly User: string;
  readonly WorkingDir: string;
  readonly Hostname: string;
  readonly NetworkDisabled: true;
  readonly Tty: false;
  readonly OpenStdin: true;
  readonly StdinOnce: true;
  readonly AttachStdin: true;
  readonly AttachStdout: true;
  readonly AttachStderr: true;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly StopSignal: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: HostConfig;
}

interface HostConfig extends Amounts {
  readonly Runtime: string;
  readonly CapDrop: readonly string[];
  readonly SecurityOpt: readonly string[];
  readonly ReadonlyRootfs: true;
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly Mounts: readonly Mount[];
  readonly NetworkMode: "none";
  readonly Sysctls: Readonly<Record<string, string>>;
  readonly Dns: readonly string[];
  readonly DnsSearch: readonly string[];
  readonly IpcMode: "none";
  readonly CgroupnsMode: "private";
  readonly OomScoreAdj: number;
  readonly Init: true;
  readonly RestartPolicy: { readonly Name: "no"; readonly MaximumRetryCount: 0 };
  readonly AutoRemove: false;
  readonly LogConfig: { readonly Type: "none"; readonly Config: Readonly<Record<string, never>> };
  readonly MaskedPaths: readonly string[];
  readonly ReadonlyPaths: readonly string[];
}

interface Amounts {
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly NanoCpus: number;
  readonly PidsLimit: number;
  readonly Ulimits: readonly Ulimit[];
}

interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

type Mount =
  | {
      readonly Type: "bind";
      readonly Source: string;
      readonly Target: string;
      readonly ReadOnly: true;
      readonly BindOptions: { readonly Propagation: "rprivate"; readonly NonRecursive: true };
    }
  | {
      readonly Type: "tmpfs";
      readonly Target: string;
      readonly ReadOnly: true;
      readonly TmpfsOptions: { readonly SizeBytes: number };
    };
