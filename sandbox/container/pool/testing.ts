import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import type { EgressProxy, EgressSocket } from "../../broker/proxy/egress-proxy.ts";
import type { Ended, Launched, Launcher, LaunchRequest } from "../link/launcher.ts";
import { ContainerPool } from "./container-pool.ts";
import type { Cordon } from "./cordon.ts";
import { type Standing, startStanding } from "./standing.ts";

/** A container that is none: it says what the test says, and dies when it is told. */
export class FakeContainer implements Launched {
  readonly request: LaunchRequest;
  readonly container: string;
  readonly image = "sha256:image";
  readonly ended: Promise<Ended>;
  /** What it was told, once its input has ended. */
  readonly told: Promise<string>;
  isAlive = true;
  /** Told of each line as it is written. */
  onTold: (line: string) => void = () => undefined;
  readonly #told = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<Ended>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #isSlow: () => boolean;
  #input = "";
  #listener: (stream: "stdout" | "stderr", bytes: Uint8Array) => void = () => undefined;

  constructor(request: LaunchRequest, isSlow: () => boolean) {
    this.request = request;
    this.container = request.slot;
    this.ended = this.#ended.promise;
    this.told = this.#told.promise;
    this.#isSlow = isSlow;
  }

  write(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString();
    this.#input += text;
    this.onTold(text);
  }

  endInput(): void {
    this.#told.resolve(this.#input);
  }

  onOutput(listener: (stream: "stdout" | "stderr", bytes: Uint8Array) => void): void {
    this.#listener = listener;
  }

  say(bytes: string | Uint8Array, stream: "stdout" | "stderr" = "stdout"): void {
    this.#listener(stream, Buffer.from(bytes as string));
  }

  end(ended: Partial<Ended> = { exitCode: 0 }): void {
    this.isAlive = false;
    this.#ended.resolve({ isOutOfMemory: false, ...ended });
  }

  async kill(): Promise<void> {
    this.end({ exitCode: 137 });
    if (!this.#isSlow()) this.buried();
    await this.#gone.promise;
  }

  /** Lets a kill come to its end. */
  buried(): void {
    this.#gone.resolve();
  }
}

/** A launcher of fake containers. */
export class FakeLauncher implements Launcher {
  readonly made: FakeContainer[] = [];
  /** What a start does instead of its work. */
  fault: Error | undefined;
  /** What each start waits for. */
  ready: Promise<void> = Promise.resolve();
  /** True where what is killed takes its time to be removed. */
  isSlowToGo = false;
  /** What each container does when it has started. */
  program: (container: FakeContainer) => void = () => undefined;

  async launch(request: LaunchRequest): Promise<Launched> {
    if (this.fault) throw this.fault;
    const container = new FakeContainer(request, () => this.isSlowToGo);
    this.made.push(container);
    this.program(container);
    await this.ready;
    return container;
  }

  facts(): Promise<never> {
    return Promise.reject(new Error("not here"));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  alive(): number {
    return this.made.filter(({ isAlive }) => isAlive).length;
  }
}

/** Ways out that lead nowhere, and how many of them are open. */
export class FakeProxy implements EgressProxy {
  readonly opened: Set<string> = new Set();
  readonly admitted: string[] = [];
  /** Of the calls that were let in, the last one first. */
  readonly doors: BrokerDoor[] = [];

  open(slot: string): Promise<EgressSocket> {
    this.opened.add(slot);
    return Promise.resolve({
      folder: `/nowhere/${slot}`,
      admit: (door) => {
        this.admitted.push(slot);
        this.doors.unshift(door);
        return `credential-${slot}`;
      },
      close: () => {
        this.opened.delete(slot);
        return Promise.resolve();
      },
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A pool of fake containers with a clock of its own. */
export interface Stage {
  readonly pool: ContainerPool;
  readonly launcher: FakeLauncher;
  readonly proxy: FakeProxy;
  /** Milliseconds of the pool's clock. */
  at: number;
  /** What stands at the mounts of all containers. */
  ground: string;
  take(cordon: Cordon, waitMs?: number): Promise<Standing>;
  /** A whole call. */
  call(cordon: Cordon): Promise<Standing>;
  /** Moves the clock on; timers that are due have run, and what they began has come to its end. */
  pass(milliseconds: number): Promise<void>;
}

export function stage(t: Test, containers: number): Stage {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const launcher = new FakeLauncher();
  const proxy = new FakeProxy();
  const start = (cordon: Cordon, signal: AbortSignal): Promise<Standing> =>
    startStanding(cordon, { launcher, proxy, groundOf: async () => set.ground }, signal);
  const pool = new ContainerPool({ containers, start, now: () => set.at });
  const set: Stage = {
    ...{ pool, launcher, proxy, at: 0, ground: "" },
    take: (cordon, waitMs = 60_000) => pool.take(cordon, waitMs, never),
    async call(cordon) {
      const standing = await set.take(cordon);
      pool.give(standing);
      await settle();
      return standing;
    },
    async pass(milliseconds) {
      for (const end = set.at + milliseconds; set.at < end; await settle()) {
        const step = Math.min(containerLimits.containerRefillMs, end - set.at);
        set.at += step;
        mock.timers.tick(step);
      }
    },
  };
  t.teardown(async () => {
    launcher.isSlowToGo = false;
    for (const container of launcher.made) container.buried();
    await pool.close();
    mock.timers.reset();
  });
  return set;
}

/** Every start and every end under way has come to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await setImmediate();
}

export const never: AbortSignal = new AbortController().signal;

export function cordon(principal: string, more: Partial<Cordon> = {}): Cordon {
  const limits = { memoryMb: 32, cpuMs: 1_000 };
  const pin = "0".repeat(64);
  const tool = { pin, tier: "container", limits, mounts: [], ground: "", network: false } as const;
  return { key: principal, principal, ...tool, ...more };
}
