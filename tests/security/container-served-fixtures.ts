import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Grant } from "../../manifests/grant.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Broker, BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { groundOf } from "../../sandbox/container/call/ground.ts";
import {
  type FakeContainer,
  FakeLauncher,
  FakeProxy,
} from "../../sandbox/container/pool/testing.ts";
import { serveCall } from "../../sandbox/container/service/serve-call.ts";
import { Services } from "../../sandbox/container/service/services.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import { type HandClock, handClock } from "./container-service-fixtures.ts";

/** What a service does with what it was told in one call. */
export type Served = (container: FakeContainer, told: ToldLine) => void;

export interface ToldLine {
  readonly nonce: string;
  readonly arguments?: JsonValue;
}

export interface ServedCalls extends HandClock {
  readonly services: Services;
  readonly launcher: FakeLauncher;
  readonly proxy: FakeProxy;
  /** Lines of all containers, oldest first. */
  readonly told: ToldLine[];
  readonly workspace: string;
  /** Milliseconds of the clock of services; a test sets it. */
  clock: { now: number };
  /** Of all calls, oldest first. */
  readonly doors: readonly BrokerDoor[];
  run(serve: Served, how?: How): Promise<SandboxResult>;
}

export interface How {
  readonly grant?: Partial<Grant>;
  readonly signal?: AbortSignal;
}

export const answers: Served = (container, { nonce }) => say(container, { nonce, output: "well" });

export function say(container: FakeContainer, said: JsonValue): void {
  container.say(`${JSON.stringify(said)}\n`);
}

/** Calls of a tool that is a service, in containers that do what the test says. */
export function servedCalls(t: Test): ServedCalls {
  const workspace = join(t.testdir({ workspace: { "a.txt": "alpha" } }), "workspace");
  mkdirSync(workspace, { recursive: true });
  const [launcher, proxy, hands] = [new FakeLauncher(), new FakeProxy(), handClock()];
  const told: ToldLine[] = [];
  let current: Served = answers;
  launcher.program = (container) => {
    container.onTold = (line) => {
      const heard = JSON.parse(line) as ToldLine;
      if (heard.nonce === undefined) return;
      told.push(heard);
      // Asked whether it is healthy, it is.
      const serve = heard.arguments === undefined ? answers : current;
      serve(container, heard);
    };
  };
  const clock = { now: 0 };
  const onBug = (error: unknown): void => void t.fail(String(error));
  const services = new Services({
    ...{ launcher, proxy, onBug, wait: hands.wait },
    groundOf: (mounts) => groundOf(workspace, mounts),
    now: () => clock.now,
  });
  t.teardown(() => services.close());
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [] });
  const doors: BrokerDoor[] = [];
  const open: Broker["open"] = (...call) => {
    const door = broker.open(...call);
    doors.push(door);
    return door;
  };
  const deps = { services, broker: { open }, workspace, now: () => clock.now };
  return {
    ...{ services, doors, workspace, launcher, proxy, told, clock, ...hands },
    run(serve, { grant = {}, signal = new AbortController().signal } = {}) {
      current = serve;
      return serveCall({ grant: inContainer(grant), code: "", input: "{}" }, signal, deps);
    },
  };
}
