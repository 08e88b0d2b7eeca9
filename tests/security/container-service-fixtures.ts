import type { Test } from "tap";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import type { EgressSocket } from "../../sandbox/broker/proxy/egress-proxy.ts";
import type { Ended, Launched, LaunchRequest } from "../../sandbox/container/link/launcher.ts";
import type { Service, ServiceOptions, Wait } from "../../sandbox/container/service/service.ts";
import { startService } from "../../sandbox/container/service/start-service.ts";
import { turns } from "./broker-files-fixtures.ts";

/** A container of no engine, played by the test. */
export class Played implements Launched {
  readonly container: string = "c".repeat(64);
  readonly image: string = `sha256:${"0".repeat(64)}`;
  readonly request: LaunchRequest;
  readonly ended: Promise<Ended>;
  /** Lines of its standard input. */
  readonly heard: string[] = [];
  isKilled = false;
  readonly #end = Promise.withResolvers<Ended>();
  #listener: Parameters<Launched["onOutput"]>[0] = () => undefined;

  constructor(request: LaunchRequest) {
    this.request = request;
    this.ended = this.#end.promise;
  }

  write(bytes: Uint8Array): void {
    this.heard.push(Buffer.from(bytes).toString());
  }

  endInput(): void {
    throw new Error("a service's input stays open");
  }

  onOutput(listener: Parameters<Launched["onOutput"]>[0]): void {
    this.#listener = listener;
  }

  kill(): Promise<void> {
    this.isKilled = true;
    this.#end.resolve({ exitCode: 137, isOutOfMemory: false });
    return Promise.resolve();
  }

  say(text: string | Uint8Array, stream: "stdout" | "stderr" = "stdout"): void {
    this.#listener(stream, typeof text === "string" ? Buffer.from(text) : text);
  }

  end(ended: Partial<Ended> = { exitCode: 1 }): void {
    this.#end.resolve({ isOutOfMemory: false, ...ended });
  }
}

interface PlayedSocket extends EgressSocket {
  readonly credential: string;
  door?: BrokerDoor;
  isClosed: boolean;
}

interface Pause {
  readonly ms: number;
  pass(): void;
}

export interface Stage {
  readonly service: Service;
  readonly launched: Played[];
  readonly sockets: PlayedSocket[];
  /** What the service waits for now. */
  readonly pauses: Pause[];
  /** Every pause so far, in milliseconds. */
  readonly waited: number[];
  readonly bugs: unknown[];
  /** Lets the one pause of this length pass, and what comes of it. */
  pass(ms: number): Promise<void>;
}

/** A service whose launcher, proxy and clock are the test's. */
export function stage(t: Test, changes: Partial<ServiceOptions> = {}): Stage {
  const [launched, sockets, bugs]: [Played[], PlayedSocket[], unknown[]] = [[], [], []];
  const clock = handClock();
  const launch = (request: LaunchRequest): Promise<Played> => {
    const container = new Played(request);
    launched.push(container);
    return Promise.resolve(container);
  };
  const open = (slot: string): Promise<PlayedSocket> => {
    const socket = playedSocket(slot, sockets.length);
    sockets.push(socket);
    return Promise.resolve(socket);
  };
  const service = startService({
    launcher: { launch },
    proxy: { open },
    request: requestOf(),
    isHealthy: () => Promise.resolve(true),
    onBug: (error) => bugs.push(error),
    wait: clock.wait,
    ...changes,
  });
  t.teardown(() => service.close());
  return { service, launched, sockets, bugs, ...clock };
}

export function requestOf(change: Partial<LaunchRequest> = {}): Omit<LaunchRequest, "slot"> {
  const limits = { memoryMb: 32, cpuMs: 1_000 };
  const pin = "0".repeat(64);
  return { pin, tier: "container", limits, mounts: [], network: false, ...change };
}

function playedSocket(slot: string, number: number): PlayedSocket {
  const socket: PlayedSocket = {
    folder: `/nowhere/${slot}`,
    credential: `credential-${number}`,
    isClosed: false,
    admit(door) {
      socket.door = door;
      return socket.credential;
    },
    close() {
      socket.isClosed = true;
      return Promise.resolve();
    },
  };
  return socket;
}

export interface HandClock extends Pick<Stage, "pauses" | "waited" | "pass"> {
  readonly wait: Wait;
}

/** Time that passes when the test says so. */
export function handClock(): HandClock {
  const pauses: Pause[] = [];
  const waited: number[] = [];
  const wait: Wait = (ms, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const pause = { ms, pass: resolve };
    const leave = (): void => {
      if (pauses.includes(pause)) pauses.splice(pauses.indexOf(pause), 1);
    };
    pauses.push(pause);
    waited.push(ms);
    const cut = (): void => reject(signal.reason);
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    return promise.finally(leave);
  };
  const pass = async (ms: number): Promise<void> => {
    const pause = pauses.find((one) => one.ms === ms);
    if (!pause) throw new Error(`nobody waits for ${ms} ms: ${pauses.map((one) => one.ms)}`);
    pause.pass();
    await turns(3);
  };
  return { pauses, waited, wait, pass };
}
