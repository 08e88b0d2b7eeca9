import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../../manifests/limits.ts";
import { once } from "../../../manifests/once.ts";
import type { Wall } from "../../sandbox.ts";
import { wallAboveFloor } from "../../wall.ts";
import { findGroupHosts, type GroupHost } from "./control-group-host.ts";
import { killProcess, pidNamespace, readText, statFields } from "./processes.ts";

/** One worker's group: what the kernel bounds is bounded for all of its processes together. */
export interface ControlGroup {
  /** Whoever writes `0` into these enters. */
  readonly doors: readonly string[];
  /** Whether the kernel has ended a process in it for want of memory. */
  hasStarved(): boolean;
  /** Ends whatever is in it: a stopped process, say, that a jail without a wall let out of hand. */
  end(): void;
  /** Resolves when it is gone; it has to be ended by then. */
  remove(): Promise<void>;
}

/** The groups of workers that this process starts. */
export class ControlGroups {
  readonly #hosts: readonly GroupHost[];
  readonly #reason: string;
  readonly #prefix: string;
  #made = 0;

  /** `hosts` is why there is none, or where groups can be made. `owner` names this process for ever. */
  constructor(hosts: readonly GroupHost[] | string, owner: string) {
    this.#hosts = typeof hosts === "string" ? [] : hosts;
    this.#reason = typeof hosts === "string" ? hosts : "";
    this.#prefix = `${family}${owner}-`;
    for (const { folder } of this.#hosts) sweep(folder);
  }

  /** Undefined where this machine lets us make none. @throws {Error} where it did and does not now. */
  make(): ControlGroup | undefined {
    if (this.#hosts.length === 0) return undefined;
    this.#made += 1;
    const name = `${this.#prefix}${this.#made}`;
    const folders = this.#hosts.map((host) => makeGroup(name, host));
    return {
      doors: folders.map((folder) => join(folder, "cgroup.procs")),
      hasStarved: () => folders.some((folder) => countStarved(folder) > 0),
      end: () => folders.forEach(endAll),
      remove: async () => {
        await Promise.all(folders.map((folder) => remove(folder)));
      },
    };
  }

  /** Whether the process is in such a group, bounded as it was made; and why not, where none is. */
  wallAround(pid: number): Wall {
    const found = this.#hosts.map((host) => this.#measure(pid, host));
    return wallAboveFloor(wallName, found.join(", ") || this.#reason, () => {
      return found.length > 0 && found.every((measured) => measured !== "none");
    });
  }

  get exist(): boolean {
    return this.#hosts.length > 0;
  }

  #measure(pid: number, { folder, settings }: GroupHost): string {
    const groups = readText(`/proc/${pid}/cgroup`).split("\n");
    const name = groups.map((line) => basename(line)).find((each) => each.startsWith(this.#prefix));
    if (name === undefined) return "none";
    const read = (file: string): string => readText(join(folder, name, file)).trim();
    const kept = settings.filter(([file]) => existsSync(join(folder, name, file)));
    const isBound = kept.length > 0 && kept.every(([file, text]) => read(file) === text);
    return isBound ? kept.map((setting) => setting.join(" ")).join(", ") : "none";
  }
}

const wallName = "own control group";
const family = "ringward-";

/** Of this process, on this machine; found once, so that leftovers are swept once. */
export const controlGroups: () => ControlGroups = once(groupsHere);

function groupsHere(): ControlGroups {
  const hosts = process.platform === "linux" ? findGroupHosts() : "no Linux";
  return new ControlGroups(hosts, `${process.pid}-${startOf(process.pid) ?? 0}-${ownNamespace()}`);
}

function makeGroup(name: string, host: GroupHost): string {
  const folder = join(host.folder, name);
  mkdirSync(folder);
  for (const [file, text] of host.settings) {
    if (existsSync(join(folder, file))) writeFileSync(join(folder, file), text);
  }
  return folder;
}

/** Newer kernels count in the first file, older ones in the second; each in the same words. */
function countStarved(folder: string): number {
  const files = ["memory.events", "memory.oom_control"].map((file) => readText(join(folder, file)));
  return Number(/^oom_kill (\d+)$/m.exec(files.join("\n"))?.[1] ?? 0);
}

/**
 * Groups of a gateway that is gone: it was killed, and its workers with it, or they end now. Whether
 * one that counts processes apart from this one is gone cannot be seen from here.
 */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid = "", start, namespace] = /^ringward-(\d+)-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
    if (namespace !== ownNamespace() || startOf(Number(pid)) === start) continue;
    endAll(join(folder, name));
    void remove(join(folder, name));
  }
}

/** A process of a namespace that we cannot see into is listed as 0, which means ourselves to `kill`. */
function endAll(folder: string): void {
  const pids = readText(join(folder, "cgroup.procs")).match(/\d+/g) ?? [];
  for (const pid of pids.map(Number).filter((each) => each > 0)) killProcess(pid);
}

function ownNamespace(): string {
  return /\d+/.exec(pidNamespace("self"))?.[0] ?? "";
}

/** When a process was started; with its number it names it for ever. */
function startOf(pid: number): string | undefined {
  return statFields(pid)[19];
}

/** The last process of a group leaves it a little after its parent has heard of its end. */
async function remove(folder: string): Promise<void> {
  const endsAt = performance.now() + limits.groupLeaveMs;
  while (!tryRemoving(folder) && performance.now() < endsAt) await sleep(5);
}

function tryRemoving(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
