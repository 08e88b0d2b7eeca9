import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { limits as allLimits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Caller } from "../credentials/credentials.ts";
import type { Deps } from "../deps.ts";
import type { DoorCounter } from "./door-counter.ts";
import type { Log } from "./log.ts";
import { RateLimit } from "./rate-limit.ts";
import { checkMediaType, plainAddress, readBearer } from "./request-checks.ts";
import type { GuardedRoute, Route } from "./route.ts";

/** The limits of a listener; a deployment may lower them. */
export type DoorLimits = Readonly<
  Record<"bodyBytes" | "failedLoginsPerMinute" | "requestReceiveMs" | "requestsPerMinute", number>
>;

export const doorLimits: DoorLimits = {
  bodyBytes: allLimits.bodyBytes,
  failedLoginsPerMinute: allLimits.failedLoginsPerMinute,
  requestReceiveMs: allLimits.requestReceiveMs,
  requestsPerMinute: allLimits.requestsPerMinute,
};

export interface DoorOptions {
  readonly deps: Pick<Deps, "clock" | "credentials">;
  readonly counter: DoorCounter;
  readonly log: Log;
  readonly limits: DoorLimits;
}

/** Ring 1 of one listener: who comes in, and how often. */
export class Door {
  readonly counter: DoorCounter;
  readonly log: Log;
  readonly limits: DoorLimits;
  readonly #credentials: Deps["credentials"];
  readonly #requests: RateLimit;
  readonly #failedLogins: RateLimit;
  #isClosing = false;

  constructor({ deps, counter, log, limits }: DoorOptions) {
    const { monotonic } = deps.clock;
    const rate = (perMinute: number): RateLimit =>
      new RateLimit({ perMinute, keys: allLimits.rateCounters }, monotonic);
    this.counter = counter;
    this.log = log;
    this.limits = limits;
    this.#credentials = deps.credentials;
    this.#requests = rate(limits.requestsPerMinute);
    this.#failedLogins = rate(limits.failedLoginsPerMinute);
  }

  /** From now on nobody new comes in. */
  close(): void {
    this.#isClosing = true;
  }

  /**
   * All that is decided before a byte of the body is read.
   *
   * @throws {Refusal} `UNAUTHENTICATED`, `RATE_LIMITED`, `CREDENTIAL_KIND`, `MEDIA_TYPE`,
   * `OVERLOADED` where the gateway is stopping.
   */
  async enter(request: FastifyRequest, route: GuardedRoute): Promise<Caller> {
    if (this.#isClosing) {
      throw new Refusal("OVERLOADED", "the gateway is stopping", { retryAfterSeconds: 1 });
    }
    const caller = await this.#authenticate(request);
    refuseLate(this.#requests.hit(caller.actor));
    if (!route.kinds.includes(caller.kind)) throw new Refusal("CREDENTIAL_KIND");
    checkBody(request, route);
    return caller;
  }

  /**
   * A good credential passes however often others fail from the same address: an agent must not be
   * able to lock its own operator out.
   */
  async #authenticate(request: FastifyRequest): Promise<Caller> {
    try {
      return await this.#credentials.authenticate(readBearer(request.headers));
    } catch (error) {
      const isFailedLogin = error instanceof Refusal && error.code === "UNAUTHENTICATED";
      if (isFailedLogin) refuseLate(this.#failedLogins.hit(addressOf(request)));
      throw error;
    }
  }
}

function refuseLate(retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds !== undefined) {
    throw new Refusal("RATE_LIMITED", undefined, { retryAfterSeconds });
  }
}

function checkBody({ headers }: FastifyRequest, route: Route): void {
  if (route.body !== undefined) checkMediaType(headers);
}

/** The socket's, or what the one proxy before it says; never any other text. */
export function addressOf(request: FastifyRequest): string {
  if (isIP(request.ip) !== 0) return plainAddress(request.ip);
  return plainAddress(request.raw.socket.remoteAddress ?? "unknown");
}
