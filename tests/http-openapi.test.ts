import { test } from "tap";
import { createLog } from "../gateway/http/log.ts";
import { routesOf } from "../gateway/serve.ts";
import type { JsonValue } from "../manifests/json.ts";
import { refusalCodes, refusalEntry } from "../manifests/refusals.ts";
import { textOf } from "./support/source-files.ts";
import { openTestDoor } from "./support/test-door.ts";

const page = textOf("docs/http.md");

interface Description {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, JsonValue>;
    readonly securitySchemes: Record<string, JsonValue>;
  };
}

interface Operation {
  readonly summary: string;
  readonly security: Record<string, string[]>[];
  readonly responses: Record<string, { readonly description: string }>;
}

test("each listener describes its routes, all of them and no other", async (t) => {
  const { agents, operators, gateway } = await openTestDoor(t);
  const log = createLog({ level: "silent", write: () => {} });
  const tables = routesOf({ gateway, log });
  for (const [ask, routes] of [
    [agents, tables.agents],
    [operators, tables.operators],
  ] as const) {
    const { body, status } = await ask("GET", "/openapi.json");
    const { openapi, paths } = body as unknown as Description;
    t.match({ openapi, status }, { openapi: "3.1.0", status: 200 });
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:([a-z]+)/g, "{$1}")}`,
    );
    t.strictSame(described.sort(), [...served].sort());
    for (const line of served) t.ok(page.includes(`\`${line}\``), `docs/http.md names ${line}`);
  }
});

test("a description holds together: references resolve, credentials are named", async (t) => {
  const { agents, operators } = await openTestDoor(t);
  for (const ask of [agents, operators]) {
    const { body, text } = await ask("GET", "/openapi.json");
    const { paths, components } = body as unknown as Description;
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = ""]) => to);
    t.ok(references.length > 10);
    for (const reference of new Set(references)) {
      const name = reference.replace("#/components/schemas/", "");
      t.ok(components.schemas[name] !== undefined, reference);
    }
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const { summary, security, responses } of operations) {
      t.match(summary, /\.$/);
      for (const need of security) {
        t.ok(Object.keys(need).every((kind) => components.securitySchemes[kind] !== undefined));
      }
      t.ok(Object.keys(responses).some((status) => status.startsWith("2")));
    }
  }
});

test("every refusal is described under its own HTTP status", async (t) => {
  const { agents, operators } = await openTestDoor(t);
  const seen = new Set<string>();
  for (const ask of [agents, operators]) {
    const { paths } = (await ask("GET", "/openapi.json")).body as unknown as Description;
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const [status, { description }] of operations.flatMap(({ responses }) =>
      Object.entries(responses),
    )) {
      for (const [, code = ""] of description.matchAll(/`([A-Z_]+)`:/g))
        seen.add(`${code} ${status}`);
    }
  }
  const wanted = refusalCodes.map((code) => `${code} ${refusalEntry(code).status}`);
  t.strictSame([...seen].sort(), wanted.sort());
});
