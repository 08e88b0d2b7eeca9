import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Grant } from "../manifests/grant.ts";
import type { SecretProvider } from "../manifests/secret.ts";
import { createBroker } from "../sandbox/broker/create-broker.ts";
import { createContainerSandboxes } from "../sandbox/container/container-sandbox.ts";
import { type FakeContainer, FakeLauncher, FakeProxy } from "../sandbox/container/pool/testing.ts";
import type { Sandbox, SandboxResult } from "../sandbox/sandbox.ts";
import { grantOf } from "./security/broker-fixtures.ts";

/** What a fake container was told. */
export interface ToldText {
  readonly nonce: string;
  readonly arguments: unknown;
  readonly code?: string;
  readonly credential?: string;
  readonly files?: Record<string, string>;
}

export interface FakeCalls {
  readonly sandbox: Sandbox;
  readonly launcher: FakeLauncher;
  readonly proxy: FakeProxy;
  readonly workspace: string;
  /** Containers of calls that still live; those that wait for the next call are none of them. */
  alive(): number;
  /** One call whose program is `program`; it is told, and does what it wants. */
  run(program: Program, how?: How): Promise<SandboxResult>;
}

export type Program = (container: FakeContainer, told: ToldText) => void;

export interface How {
  readonly grant?: Partial<Grant>;
  readonly code?: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** A container sandbox over containers that do what the test says. */
export function fakeCalls(t: Test, secrets?: SecretProvider): FakeCalls {
  const workspace = join(t.testdir({ workspace: { "a.txt": "alpha" } }), "workspace");
  mkdirSync(workspace, { recursive: true });
  const told: FakeContainer[] = [];
  const launcher = new FakeLauncher();
  // Whatever it was started for, a container does what the call's program does.
  let current: Program = () => undefined;
  launcher.program = (container) => {
    void container.told.then((line) => {
      told.push(container);
      current(container, JSON.parse(line) as ToldText);
    });
  };
  const proxy = new FakeProxy();
  const broker = createBroker({
    ...{ workspace, hosts: {}, protectedPaths: [] },
    ...(secrets && { secrets }),
  });
  const prove = (): Promise<never> => Promise.reject(new Error("not here"));
  const onBug = (error: unknown): void => void t.fail(String(error));
  const deps = { launcher, broker, proxy, workspace, containers: 8, prove, onBug };
  const sandbox = createContainerSandboxes({ ...deps, tiers: ["container"] }).get("container");
  if (!sandbox) throw new Error("no sandbox");
  t.teardown(() => sandbox.close());
  return {
    ...{ sandbox, launcher, proxy, workspace },
    alive: () => told.filter(({ isAlive }) => isAlive).length,
    run(program, { grant = {}, code = "", input = "{}", signal = never } = {}) {
      current = program;
      return sandbox.run({ grant: inContainer(grant), code, input }, signal);
    },
  };
}

export function inContainer(changes: Partial<Grant> = {}): Grant {
  return grantOf({ sandbox: { tier: "container", author: "operator", jit: false }, ...changes });
}

/** Says this, with the nonce of its call in the place of `NONCE`, and ends. */
export function says(text: string, exitCode = 0): Program {
  return (container, { nonce }) => {
    if (text !== "") container.say(text.replaceAll("NONCE", nonce));
    container.end({ exitCode, cpuMs: 7 });
  };
}

export const good = '{"nonce":"NONCE","output":{"sum":3}}';

const never: AbortSignal = new AbortController().signal;
