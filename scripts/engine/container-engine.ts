import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endLeftovers } from "./leftovers.ts";
import { pathOfSystem, whereIs } from "./programs.ts";

export interface EngineChoices {
  /** Bridges, in a network of the engine's own; else containers have none. */
  readonly isNetworked?: boolean;
}

/** Longer than any machine needs, so that only what hangs is given up. */
const startMs = 60_000;
const stopMs = 20_000;

/**
 * A container engine of one's own, for tests: all that it has lies in one folder, and its mounts are
 * seen by itself alone. Nothing of the machine's is touched, and nothing stays.
 */
export class ContainerEngine {
  readonly folder: string;
  readonly socket: string;
  readonly #choices: EngineChoices;
  readonly #log: string;
  #process: ChildProcess | undefined;

  /** @param folder an empty one, of a name that no other engine's has. */
  constructor(folder: string, choices: EngineChoices = {}) {
    this.folder = folder;
    this.socket = join(folder, "docker.sock");
    this.#log = join(folder, "log");
    this.#choices = choices;
    for (const name of ["data", "shims", "etc"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "daemon.json"), JSON.stringify(settings()));
  }

  /** Why no engine can run on this machine; undefined where one can. */
  static lack(): string | undefined {
    if (process.platform !== "linux") return "an engine of one's own needs Linux";
    if (process.getuid?.() !== 0) return "an engine of one's own needs root";
    const missing = ["dockerd", "containerd", "unshare", "setpriv"].find((name) => !whereIs(name));
    return missing === undefined ? undefined : `there is no ${missing}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when it answers. Its containers from before are gone then, its images are not. */
  async start(): Promise<void> {
    // It died with the engine that was killed, and would be waited for while nobody has reaped it.
    rmSync(join(this.folder, "exec", "containerd", "containerd.pid"), { force: true });
    const child = this.#spawn();
    this.#process = child;
    const until = performance.now() + startMs;
    while (!(await answers(this.socket))) {
      if (hasEnded(child)) throw new Error(`the engine ended: ${this.#lastWords()}`);
      if (performance.now() > until) throw new Error("the engine does not answer");
      await sleep(20);
    }
  }

  /** As an administrator stops it: its containers end first. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** As it dies: its containers run on, and nobody minds them. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Resolves when nothing is left of it, its containers and its folder. */
  async remove(): Promise<void> {
    await this.stop();
    await endLeftovers(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || hasEnded(child)) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await ended;
    clearTimeout(late);
  }

  #spawn(): ChildProcess {
    const { folder } = this;
    const walls = ["--mount", ...(this.#choices.isNetworked ? ["--net"] : [])];
    const alone = ["unshare", ...walls, "sh", "-ec", ownFolders, "sh", folder];
    for (const path of machineFolders) mkdirSync(path, { recursive: true });
    const log = openSync(this.#log, "w");
    const child = spawn("setpriv", ["--pdeathsig=TERM", ...alone, "dockerd", ...this.#flags()], {
      ...{ cwd: folder, stdio: ["ignore", log, log], detached: true },
      env: { PATH: pathOfSystem(), HOME: folder },
    });
    closeSync(log);
    return child;
  }

  #lastWords(): string {
    const lines = readFileSync(this.#log, "utf8").trim().split("\n");
    return lines.at(-1) ?? "";
  }

  #flags(): readonly string[] {
    const { folder, socket } = this;
    const alone = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"];
    return [
      ...["--config-file", join(folder, "daemon.json"), "--pidfile", join(folder, "pid")],
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      ...["--host", `unix://${socket}`, "--cgroup-parent", `/${basename(folder)}`],
      ...["--exec-opt", "native.cgroupdriver=cgroupfs"],
      ...(this.#choices.isNetworked ? [] : alone),
    ];
  }
}

const machineFolders: readonly string[] = ["/run/containerd", "/etc/docker"];

/** Sockets of containers and the engine's key lie in folders of the machine's, whatever it is told. */
const ownFolders: string = [
  'mount --bind "$1/shims" /run/containerd',
  'mount --bind "$1/etc" /etc/docker',
  "shift",
  'exec "$@"',
].join("\n");

/** gVisor without a network, able to reach the one socket that is mounted into a container. */
function settings(): object {
  const path = whereIs("runsc");
  const runtimeArgs = ["--network=none", "--platform=ptrace", "--host-uds=open"];
  return path === undefined ? {} : { runtimes: { runsc: { path, runtimeArgs } } };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answers(socketPath: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const asked = request({ socketPath, path: "/_ping", agent: false }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode === 200));
    });
    asked.once("error", () => resolve(false));
    asked.end();
  });
}
