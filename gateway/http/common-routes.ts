import type { JsonObject } from "../../manifests/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { describeRoutes } from "./open-api.ts";
import type { OpenRoute, Route } from "./route.ts";
import { readySchema, statusSchema } from "./schemas.ts";

/** `routes` and, beside them, what every listener has: its health and its description. */
export function withCommonRoutes(
  title: string,
  routes: readonly Route[],
  ready: () => Promise<JsonObject>,
): readonly Route[] {
  let description: Answer | undefined;
  const describe = (): Answer => {
    description ??= jsonAnswer(200, describeRoutes(title, all));
    return description;
  };
  const all = [...routes, healthRoute, readyRoute(ready), descriptionRoute(describe)];
  return all;
}

function descriptionRoute(describe: () => Answer): OpenRoute {
  return {
    method: "GET",
    path: "/openapi.json",
    summary: "This description.",
    answers: { 200: { says: "An OpenAPI 3.1 document.", schema: { type: "object" } } },
    refusals: [],
    handle: describe,
  };
}

const healthRoute: OpenRoute = {
  method: "GET",
  path: "/healthz",
  summary: "Whether the process answers.",
  answers: { 200: { says: "It does.", schema: statusSchema } },
  refusals: [],
  handle: () => jsonAnswer(200, { status: "alive" }),
};

function readyRoute(ready: () => Promise<JsonObject>): OpenRoute {
  return {
    method: "GET",
    path: "/readyz",
    summary: "Whether calls can be taken: the record can be written, each tier is offered.",
    answers: { 200: { says: "They can.", schema: readySchema } },
    refusals: ["RECORD_UNWRITABLE", "RECORD_FULL", "SANDBOX_UNAVAILABLE"],
    handle: async () => {
      return jsonAnswer(200, { status: "ready", ...(await ready()) });
    },
  };
}
