import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { type RefusalCode, refusalEntry } from "../../manifests/refusals.ts";
import { keyKinds } from "../store/store.ts";
import type { QueryParameter, Route } from "./route.ts";
import { components, problemSchema } from "./schemas.ts";

/** The table of routes as an OpenAPI 3.1 document. */
export function describeRoutes(title: string, routes: readonly Route[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replace(parameter, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title, version: "v1", description },
    paths,
    components: { schemas: components, securitySchemes },
  };
}

const description =
  "Every refusal is an RFC 9457 document with a stable `code`; `mend` says what would make it pass.";

const parameter = /:([a-z]+)/g;

/** One scheme a kind, because none implies another. */
const securitySchemes: JsonObject = Object.fromEntries(
  keyKinds.map((kind) => [
    kind,
    { type: "http", scheme: "bearer", description: `A credential of the kind \`${kind}\`.` },
  ]),
);

function operationOf(route: Route): JsonObject {
  const { summary, body, kinds = [] } = route;
  return {
    summary,
    security: kinds.map((kind) => ({ [kind]: [] })),
    parameters: parametersOf(route),
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: body } } },
    }),
    responses: { ...refusalsOf(route), ...answersOf(route) },
  };
}

function parametersOf({ path, query = [], headers = [] }: Route): JsonObject[] {
  const inPath = [...path.matchAll(parameter)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return [...inPath, ...query.map(described("query")), ...headers.map(described("header"))];
}

function described(place: string): (parameter: QueryParameter) => JsonObject {
  return ({ name, says, schema }) => ({ name, in: place, description: says, schema });
}

function answersOf({ answers, refusals }: Route): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { says, schema }]) => {
      const codes = refusals.filter((code) => String(refusalEntry(code).status) === status);
      const content = {
        ...(schema && { "application/json": { schema } }),
        ...(codes.length > 0 && { "application/problem+json": { schema: problemOf(codes) } }),
      };
      const hasContent = Object.keys(content).length > 0;
      const text = [says, ...sentences(codes)].join(" ");
      return [status, { description: text, ...(hasContent && { content }) }];
    }),
  );
}

function refusalsOf(route: Route): JsonObject {
  const byStatus: Record<string, RefusalCode[]> = {};
  for (const code of refusalCodesOf(route)) {
    const { status } = refusalEntry(code);
    byStatus[status] = [...(byStatus[status] ?? []), code];
  }
  const responses = Object.entries(byStatus).map(([status, codes]): [string, JsonValue] => [
    status,
    {
      description: sentences(codes).join(" "),
      content: { "application/problem+json": { schema: problemOf(codes) } },
    },
  ]);
  return Object.fromEntries(responses);
}

/** The refusals of the route, and those that the door says of any. */
function refusalCodesOf(route: Route): ReadonlySet<RefusalCode> {
  return new Set([
    ...everywhere,
    ...(route.kinds ? guarded : []),
    ...(route.body ? withBody : []),
    ...route.refusals,
  ]);
}

const everywhere: readonly RefusalCode[] = [
  "HTTP_INVALID",
  "ORIGIN_REFUSED",
  "BODY_TOO_BIG",
  "REQUEST_TIMEOUT",
  "INTERNAL",
];
const guarded: readonly RefusalCode[] = [
  "UNAUTHENTICATED",
  "CREDENTIAL_KIND",
  "RATE_LIMITED",
  "OVERLOADED",
];
const withBody: readonly RefusalCode[] = ["MEDIA_TYPE", "JSON_INVALID", "REQUEST_INVALID"];

function sentences(codes: readonly RefusalCode[]): string[] {
  return codes.map((code) => `\`${code}\`: ${refusalEntry(code).says}.`);
}

function problemOf(codes: readonly RefusalCode[]): JsonObject {
  return { allOf: [problemSchema, { properties: { code: { enum: [...codes] } } }] };
}
