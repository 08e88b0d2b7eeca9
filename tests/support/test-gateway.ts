import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { verifyRecord } from "../../gateway/audit/verify.ts";
import { CallsInFlight } from "../../gateway/calls-in-flight.ts";
import { type Config, parseConfig } from "../../gateway/config/config.ts";
import type { Deps } from "../../gateway/deps.ts";
import { type Gateway, type GatewayOptions, openGateway } from "../../gateway/open-gateway.ts";
import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { parseSessionRequest } from "../../manifests/session.ts";

/** A real gateway in a folder of its own: real store, real sandbox, shipped tools and policies. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly folder: string;
  readonly workspace: string;
  open(request?: JsonObject): Promise<TestSession>;
}

export interface TestSession {
  readonly id: string;
  readonly token: string;
  /** Proposes a call as the session's agent. */
  propose(tool: string, args?: JsonObject, more?: ProposeMore): Promise<CallAnswer>;
}

export interface ProposeMore {
  readonly approval?: string;
  readonly idempotencyKey?: string;
  /** Another credential than the session's own. */
  readonly bearer?: string;
}

/** @param hollow takes rings out of the composition, to show what they held. */
export async function openTestGateway(
  t: Test,
  config: Partial<Record<keyof Config, unknown>> = {},
  hollow: (deps: Deps) => Deps = (deps) => deps,
): Promise<TestGateway> {
  return await openWith(t, { config, hollow, ground: {} });
}

/** On another ground than the machine's own: walls are taken out, or nothing can build them. */
export async function openTestGatewayOn(
  t: Test,
  ground: Ground,
  config: TestParts["config"] = {},
): Promise<TestGateway> {
  return await openWith(t, { config, hollow: (deps) => deps, ground });
}

type Ground = NonNullable<GatewayOptions["ground"]>;

interface TestParts {
  readonly config: Partial<Record<keyof Config, unknown>>;
  readonly hollow: (deps: Deps) => Deps;
  readonly ground: Ground;
}

async function openWith(t: Test, { config, hollow, ground }: TestParts): Promise<TestGateway> {
  const folder = t.testdir({});
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  const gateway = await openGateway(configOf(folder, config), { writer: "gateway", ground });
  t.teardown(() => gateway.close());
  const calls = new CallsInFlight(hollow(gateway.deps));
  return {
    gateway,
    folder,
    workspace,
    async open(request = {}) {
      const parsed = parseSessionRequest({ principal: "alice", ...request });
      const { session, token } = await gateway.openSession(parsed, "test");
      return sessionOf(calls, session.id, token);
    },
  };
}

function configOf(folder: string, config: Partial<Record<keyof Config, unknown>>): Config {
  return parseConfig({
    apiVersion: "ringward/v1",
    kind: "Deployment",
    state: join(folder, "state"),
    workspace: join(folder, "workspace"),
    listen: { agents: { port: 0 }, operators: { port: 0 } },
    workers: 1,
    ...config,
  });
}

function sessionOf(calls: CallsInFlight, id: string, token: string): TestSession {
  return {
    id,
    token,
    async propose(tool, args = {}, more = {}) {
      const { approval, idempotencyKey, bearer = token } = more;
      const proposal = { tool, arguments: args, ...(approval !== undefined && { approval }) };
      const key = idempotencyKey === undefined ? {} : { idempotencyKey };
      return await calls.begin({ bearer, session: id, proposal, ...key }).answer;
    },
  };
}

/** Every call has one end, none runs on, and the record verifies. */
export async function recordHolds(
  t: Test,
  { gateway, folder }: TestGateway,
  calls: number,
): Promise<void> {
  const { store } = gateway.deps;
  const rows = await store.calls.list({});
  t.equal(rows.length, calls, "each proposal is recorded");
  t.same(
    rows.filter(({ status }) => status === "running" || status === "unknown"),
    [],
  );
  await store.record.checkpoint();
  t.match(await verifyRecord(join(folder, "state")), { verified: true });
}
