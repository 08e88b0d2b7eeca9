import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { limits } from "../manifests/limits.ts";
import type { Address } from "./config/config.ts";
import { callRoutes } from "./http/call-routes.ts";
import { withCommonRoutes } from "./http/common-routes.ts";
import { Door, type DoorLimits, doorLimits } from "./http/door.ts";
import { DoorCounter } from "./http/door-counter.ts";
import { createListener } from "./http/listener.ts";
import type { Log } from "./http/log.ts";
import { operatorRoutes } from "./http/operator-routes.ts";
import { placeOf, refuseClearText, refuseFarListeners } from "./http/place.ts";
import { createReadiness } from "./http/readiness.ts";
import type { Route } from "./http/route.ts";
import { sessionRoutes } from "./http/session-routes.ts";
import { toolRoutes } from "./http/tool-routes.ts";
import type { Gateway } from "./open-gateway.ts";
import { logProof } from "./self-proof/log-proof.ts";
import type { Pace } from "./self-proof/self-proof.ts";

export interface Served {
  /** For hosts and agents, such as `http://127.0.0.1:8700`. */
  readonly agentsUrl: string;
  /** For operators and auditors. */
  readonly operatorsUrl: string;
  /**
   * Takes nobody in any more, stops the calls in flight, lets their answers leave, and writes what
   * was counted at the door. The gateway itself stays open.
   */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly log: Log;
  /** A proxy in front ends TLS, and says in `X-Forwarded-For` who called it. */
  readonly behindProxy: boolean;
  /** Limits of the door that are lower than the usual ones. */
  readonly limits?: Partial<DoorLimits>;
}

/**
 * Opens the two listeners of a gateway, and has its sandboxes made ready for the first calls.
 *
 * @throws {Error} one line, where a listener could be reached from elsewhere in the clear, or cannot
 * be opened. Nothing stays open then.
 */
export async function serve(gateway: Gateway, options: ServeOptions): Promise<Served> {
  refuseClearText(gateway.config.listen, options.behindProxy);
  if (gateway.config.mode === "development") {
    refuseFarListeners(gateway.config.listen, options.behindProxy);
  }
  const parts: Parts = { ...options, gateway, counter: createCounter(gateway, options.log) };
  const { agents, operators } = createListeners(parts);
  const close = (): Promise<void> => closeListeners([agents, operators], parts);
  try {
    const agentsUrl = await listen(agents);
    const operatorsUrl = await listen(operators);
    options.log.info({ agentsUrl, operatorsUrl }, "listening");
    void gateway.selfProof.keepProving(pace, (proof) => logProof(options.log, proof));
    void warm(gateway);
    return { agentsUrl, operatorsUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first proof decides what workers stand on. */
async function warm({ deps, selfProof }: Gateway): Promise<void> {
  for (const { tier, offered } of await selfProof.proofs()) {
    if (offered) void deps.sandboxes.get(tier)?.warm();
  }
}

const pace: Pace = { everyMs: limits.selfProofMs, retryMs: limits.selfProofRetryMs };

interface Parts extends ServeOptions {
  readonly gateway: Gateway;
  readonly counter: DoorCounter;
}

interface Listener {
  readonly app: FastifyInstance;
  readonly door: Door;
  readonly address: Address;
}

function createCounter({ deps }: Gateway, log: Log): DoorCounter {
  return new DoorCounter({
    record: deps.store.record,
    clock: deps.clock,
    pairs: limits.doorCounters,
    flushMs: limits.doorFlushMs,
    onFailure: (err) => log.error({ err }, "refusals at the door could not be recorded"),
  });
}

function createListeners(parts: Parts): { agents: Listener; operators: Listener } {
  const { agents, operators } = parts.gateway.config.listen;
  const tables = routesOf(parts);
  return {
    agents: createOne(agents, tables.agents, parts),
    operators: createOne(operators, tables.operators, parts),
  };
}

/** What each listener serves, as data. */
export function routesOf(parts: Pick<Parts, "gateway" | "log">): {
  readonly agents: readonly Route[];
  readonly operators: readonly Route[];
} {
  const { gateway } = parts;
  const ready = createReadiness(gateway.deps);
  const forAgents = [...sessionRoutes(gateway), ...callRoutes(parts), ...toolRoutes(gateway.deps)];
  return {
    agents: withCommonRoutes("Ringward for hosts and agents", forAgents, ready),
    operators: withCommonRoutes("Ringward for operators", operatorRoutes(gateway), ready),
  };
}

function createOne(address: Address, routes: readonly Route[], parts: Parts): Listener {
  const { gateway, counter, log, behindProxy } = parts;
  const { tls } = gateway.config.listen;
  const lowered = { ...doorLimits, ...parts.limits };
  const door = new Door({ deps: gateway.deps, counter, log, limits: lowered });
  const app = createListener({
    routes,
    door,
    place: placeOf(gateway.config.listen, address, behindProxy),
    behindProxy,
    ...(tls && { tls: { cert: readFileSync(tls.cert), key: readFileSync(tls.key) } }),
  });
  return { app, door, address };
}

async function listen({ app, address }: Listener): Promise<string> {
  try {
    return await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const mend = "choose another address in `listen`";
    throw new Error(`cannot listen at ${address.host}:${address.port}: ${what} (${mend})`, {
      cause,
    });
  }
}

async function closeListeners(listeners: readonly Listener[], parts: Parts): Promise<void> {
  for (const { door } of listeners) door.close();
  const closed = Promise.all(listeners.map(({ app }) => app.close()));
  await parts.gateway.calls.drain();
  const cutOff = setTimeout(() => cutConnections(listeners), limits.doorCloseMs);
  await closed;
  clearTimeout(cutOff);
  await parts.counter.close();
  parts.log.info("stopped listening");
}

/** Whoever has not sent or read all by now would keep the gateway from stopping. */
function cutConnections(listeners: readonly Listener[]): void {
  for (const { app } of listeners) app.server.closeAllConnections();
}
