import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { containerLimits } from "../../manifests/container-limits.ts";
import { StartPause } from "../../sandbox/pool/start-pause.ts";
import type { Config } from "../config/config.ts";
import type { LauncherPlace } from "./compose-launcher.ts";

/** What the process is told, in one line on its standard input, which stays open. */
export interface LauncherTold {
  readonly config: Config;
  readonly place: LauncherPlace;
  /** Its own, which it removes at its end: a gateway that was killed does not. */
  readonly folder: string;
}

/** What it says when it serves, or why it does not, in one line on its standard output. */
export interface LauncherSays {
  readonly problem?: string;
}

export interface LauncherMachine {
  spawn(): ChildProcess;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
}

/**
 * A launcher in a process of its own. It ends when its standard input does. Where it ends by itself
 * it is started again, after a pause that grows until one has served for a while.
 */
export class LauncherProcess {
  readonly #told: LauncherTold;
  readonly #machine: LauncherMachine;
  readonly #pause: StartPause = new StartPause({ firstMs, ceilingMs });
  #child: ChildProcess | undefined;
  #isClosing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(told: LauncherTold, machine: LauncherMachine = thisMachine) {
    this.#told = told;
    this.#machine = machine;
  }

  /** Resolves when it serves. @throws {Error} what it says is wrong. */
  async start(): Promise<void> {
    const { spawn, now } = this.#machine;
    const child = spawn();
    this.#child = child;
    // From the first moment on: it may end before anybody has read that it serves.
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.stdin?.write(`${JSON.stringify(this.#told)}\n`);
    const { problem } = await firstWord(child);
    if (problem !== undefined) throw new Error(problem);
    const servesSince = now();
    void ended.then(() => {
      if (now() - servesSince > ceilingMs) this.#pause.worked();
      this.#startAgain();
    });
  }

  /** Resolves when it has ended its containers and itself. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const ended = once(child, "exit");
    const late = setTimeout(() => child.kill("SIGKILL"), containerLimits.linkAnswerMs);
    child.stdin?.end();
    await ended;
    clearTimeout(late);
  }

  #startAgain(): void {
    if (this.#isClosing) return;
    const now = this.#machine.now();
    this.#pause.failed(now);
    this.#timer = setTimeout(() => {
      void this.start().catch(() => this.#startAgain());
    }, this.#pause.leftMs(now));
  }
}

/** One that served for longer than the longest pause had not failed at its start. */
const { containerPauseMs: firstMs, containerPauseMsCeiling: ceilingMs } = containerLimits;

const thisMachine: LauncherMachine = { spawn: spawnLauncher, now: () => performance.now() };

/** In a session of its own, so that a terminal's signals reach the gateway alone; without variables. */
function spawnLauncher(): ChildProcess {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const entry = fileURLToPath(new URL(`./main.${extension}`, import.meta.url));
  const child = spawn(process.execPath, [entry], {
    cwd: "/",
    env: {},
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  // It may have died before it was told anything; its end says so.
  child.stdin.on("error", () => undefined);
  child.on("error", () => undefined);
  return child;
}

async function firstWord(child: ChildProcess): Promise<LauncherSays> {
  if (!child.stdout) throw new Error("the launcher has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as LauncherSays;
  }
  return { problem: "the launcher ended before it served" };
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}
