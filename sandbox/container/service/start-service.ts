import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { type Instance, startInstance } from "./instance.ts";
import type {
  Service,
  ServiceEnd,
  ServiceInstance,
  ServiceOptions,
  ServiceState,
  Wait,
} from "./service.ts";

/** Starts it, and starts it again whenever it ends, after a pause that grows while it fails. */
export function startService(options: ServiceOptions): Service {
  return new RunningService(options);
}

class RunningService implements Service {
  state: ServiceState = { phase: "starting", failures: 0 };
  readonly #options: ServiceOptions;
  readonly #wait: Wait;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #next = Promise.withResolvers<ServiceInstance>();

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#wait = options.wait ?? waitFor;
    this.#running = this.#run();
  }

  async ready(signal: AbortSignal): Promise<ServiceInstance> {
    const { promise, reject } = Promise.withResolvers<never>();
    const cancel = (): void => reject(new Refusal("CANCELLED"));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (signal.aborted) cancel();
      return await Promise.race([promise, this.#next.promise]);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort("the service is closed");
    await this.#running;
  }

  async #run(): Promise<void> {
    // Nobody may be waiting when the service is closed.
    this.#next.promise.catch(() => undefined);
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const lastEnd = await this.#runOnce();
      if (signal.aborted) break;
      const failures = this.state.failures + 1;
      this.state = { phase: "pausing", failures, lastEnd };
      // It rejects when the service is closed.
      await this.#wait(pauseMs(failures), signal).catch(() => undefined);
      this.state = { ...this.state, phase: "starting" };
    }
    this.state = { ...this.state, phase: "closed" };
    this.#next.reject(new Refusal("SANDBOX_UNAVAILABLE", "the service is closed"));
  }

  /** One instance; resolves when nothing of it is left. */
  async #runOnce(): Promise<ServiceEnd> {
    const { signal } = this.#stop;
    try {
      const instance = await startInstance(this.#options, signal);
      signal.addEventListener("abort", instance.end, { once: true });
      if (!signal.aborted) void this.#tend(instance);
      else void instance.end();
      const end = await instance.over;
      signal.removeEventListener("abort", instance.end);
      await instance.end();
      return end;
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code, detail: error.message };
      this.#options.onBug(error);
      return { code: "INTERNAL", detail: "the service could not be started" };
    }
  }

  /** Ends the instance as soon as it is not healthy. */
  async #tend(instance: Instance): Promise<void> {
    let isNew = true;
    while (await this.#isHealthy(instance)) {
      if (isNew) this.#present(instance);
      else this.state = { ...this.state, failures: 0 };
      isNew = false;
      // It rejects when the instance ends; then the next answer is no.
      await this.#wait(containerLimits.serviceHealthMs, instance.signal).catch(() => undefined);
    }
    instance.fail(new Refusal("GUEST_ERROR", "the service did not say that it is healthy"));
  }

  /** To those who wait for it; whoever comes after its end waits for the next one. */
  #present(instance: Instance): void {
    this.state = { ...this.state, phase: "running" };
    this.#next.resolve(instance);
    const renew = (): void => {
      this.#next = Promise.withResolvers();
      this.#next.promise.catch(() => undefined);
    };
    instance.signal.addEventListener("abort", renew, { once: true });
  }

  /** In a turn of its own: whoever serves a call has other things to do. */
  async #isHealthy(instance: Instance): Promise<boolean> {
    return await instance.during(undefined, () => this.#answersWell(instance));
  }

  async #answersWell(instance: Instance): Promise<boolean> {
    const answered = new AbortController();
    const signal = AbortSignal.any([instance.signal, answered.signal]);
    if (signal.aborted) return false;
    const silence = this.#wait(containerLimits.serviceAnswerMs, signal).then(() => false);
    try {
      const answer = Promise.try(() => this.#options.isHealthy(instance, signal));
      return (await Promise.race([answer, silence])) && !signal.aborted;
    } catch {
      // A service that is asked and gives no answer is not healthy, whatever the reason.
      return false;
    } finally {
      answered.abort();
    }
  }
}

function pauseMs(failures: number): number {
  const { servicePauseMs, servicePauseMsCeiling } = containerLimits;
  return Math.min(servicePauseMs * 2 ** (failures - 1), servicePauseMsCeiling);
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
