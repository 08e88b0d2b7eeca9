import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import type { RefusalCode } from "../../manifests/refusals.ts";
import type { Caller } from "../credentials/credentials.ts";
import type { KeyKind } from "../store/store.ts";
import type { Answer } from "./answer.ts";

/** One route as data: it is served, and described in `/openapi.json`, from the same table. */
export type Route = OpenRoute | GuardedRoute;

/** A route that asks for no credential. */
export interface OpenRoute extends RouteFacts {
  readonly kinds?: never;
  handle(asked: Asked): Promise<Answer> | Answer;
}

export interface GuardedRoute extends RouteFacts {
  /** The kinds of credential that may use it. */
  readonly kinds: readonly KeyKind[];
  handle(asked: AskedBy): Promise<Answer> | Answer;
}

interface RouteFacts {
  readonly method: "GET" | "POST" | "DELETE";
  /** With parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /** JSON Schema of the body; a route without it takes none. */
  readonly body?: JsonObject;
  readonly query?: readonly QueryParameter[];
  readonly headers?: readonly QueryParameter[];
  readonly answers: Readonly<Record<number, AnswerFacts>>;
  /** The refusals of its own, beside those that every route has. */
  readonly refusals: readonly RefusalCode[];
}

export interface QueryParameter {
  readonly name: string;
  readonly says: string;
  readonly schema: JsonObject;
}

export interface AnswerFacts {
  readonly says: string;
  /** Absent where the answer has no body. */
  readonly schema?: JsonObject;
}

/** A request that has passed the door. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: JsonObject;
  readonly headers: IncomingHttpHeaders;
  /** Parsed strictly; null where the route takes none. */
  readonly body: JsonValue;
  /** `act` is called when the connection ends, whether before or after the answer. */
  onHangUp(act: () => void): void;
}

export interface AskedBy extends Asked {
  readonly caller: Caller;
  readonly bearer: string;
}
