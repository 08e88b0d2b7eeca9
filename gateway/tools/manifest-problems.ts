import { isJsonObject, type JsonObject, type JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { imageNames } from "../../sandbox/container/images/recipes.ts";
import { isExactImage } from "./tool-image.ts";

/** Something wrong in a manifest that its own schema cannot see. */
export interface ManifestProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The first thing wrong with the manifest's image, templates and JSON Schemas, if any. */
export function findProblem(manifest: Manifest): ManifestProblem | undefined {
  return (
    findImageProblem(manifest) ??
    findTemplateProblem(manifest) ??
    findSchemaProblem(manifest.input, ["input"]) ??
    findSchemaProblem(manifest.output.schema, ["output", "schema"])
  );
}

/** Whether a shipped image was built here is asked when a call needs it; a misspelt one never is. */
function findImageProblem({ run }: Manifest): ManifestProblem | undefined {
  if (!("image" in run) || isExactImage(run.image) || isShipped(run.image)) return undefined;
  const message = `there is no shipped image \`${run.image}\`: use ${imageNames.join(", ")}, or an id`;
  return { path: ["run", "image"], message };
}

function isShipped(name: string): boolean {
  return imageNames.some((shipped) => shipped === name);
}

function findTemplateProblem({ permissions, input }: Manifest): ManifestProblem | undefined {
  const places = [
    ...permissions.net.flatMap(({ host, path }, index) => [
      { path: ["permissions", "net", index, "host"], text: host },
      { path: ["permissions", "net", index, "path"], text: path },
    ]),
    ...permissions.fs.map(({ path }, index) => ({
      path: ["permissions", "fs", index, "path"],
      text: path,
    })),
  ];
  for (const { path, text } of places) {
    const message = templateMessage(text, input);
    if (message !== undefined) return { path, message };
  }
  return undefined;
}

function templateMessage(text: string, input: JsonObject): string | undefined {
  if (!text.includes("{{")) return undefined;
  const name = /^\{\{args\.([A-Za-z0-9_]+)(?:\.[A-Za-z0-9_]+)*\}\}$/.exec(text)?.[1];
  if (name === undefined) return "a template is the whole text: `{{args.path}}`";
  const properties = input["properties"];
  return isJsonObject(properties) && Object.hasOwn(properties, name)
    ? undefined
    : `\`${name}\` is no argument in \`input.properties\``;
}

function findSchemaProblem(
  schema: JsonValue,
  path: readonly (string | number)[],
): ManifestProblem | undefined {
  const message = isJsonObject(schema) ? keywordMessage(schema) : undefined;
  if (message !== undefined) return { path, message };
  for (const [key, value] of membersOf(schema)) {
    const problem = findSchemaProblem(value, [...path, key]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function membersOf(schema: JsonValue): Iterable<[string | number, JsonValue]> {
  if (Array.isArray(schema)) return schema.entries();
  return isJsonObject(schema) ? Object.entries(schema) : [];
}

/** What a JSON Schema may not say here, although Ajv would take it. */
function keywordMessage(schema: JsonObject): string | undefined {
  for (const keyword of ["$ref", "$dynamicRef"]) {
    const target = schema[keyword];
    if (typeof target === "string" && !target.startsWith("#")) {
      return `\`${keyword}\` leads out of the manifest: use \`#/$defs/…\``;
    }
  }
  for (const keyword of ["$id", "$async"]) {
    const value = schema[keyword];
    if (typeof value === "string" || typeof value === "boolean") return `remove \`${keyword}\``;
  }
  return uniqueItemsMessage(schema);
}

/** Each pair of items is compared. */
function uniqueItemsMessage(schema: JsonObject): string | undefined {
  if (schema["uniqueItems"] !== true) return undefined;
  const most = schema["maxItems"];
  return typeof most === "number" && most <= limits.uniqueItems
    ? undefined
    : `\`uniqueItems\` needs \`maxItems\` of at most ${limits.uniqueItems}`;
}
