import type { z } from "zod";
import { type Step, stepsOf } from "./field-labels.ts";
import { isJsonObject, type JsonValue } from "./json.ts";
import { limits } from "./limits.ts";
import type { Effect, Manifest } from "./manifest.ts";
import { provenanceLimits } from "./provenance-limits.ts";
import { isContainerTier, strongestTier } from "./tier.ts";

type Context = z.core.$RefinementCtx<Manifest>;

export function closedInput(manifest: Manifest, context: Context): void {
  if (manifest.input["type"] !== "object") {
    complain(context, ["input"], "`input` needs `type: object` at its root");
  }
  if (manifest.input["additionalProperties"] !== false) {
    complain(context, ["input"], "`input` needs `additionalProperties: false` at its root");
  }
}

export function rolesNameArguments(manifest: Manifest, context: Context): void {
  const properties = manifest.input["properties"] ?? {};
  for (const name of Object.keys(manifest.roles)) {
    if (!Object.hasOwn(properties as object, name)) {
      complain(context, ["roles", name], `\`${name}\` is no argument in \`input.properties\``);
    }
  }
}

/** A label for a part that a result cannot have would be one that protects nothing. */
export function labelsNameFields({ output }: Manifest, context: Context): void {
  const paths = Object.keys(output.labels);
  if (paths.length > provenanceLimits.fieldLabels) {
    complain(
      context,
      ["output", "labels"],
      `a tool has at most ${provenanceLimits.fieldLabels} labels`,
    );
  }
  for (const path of paths) {
    const steps = stepsOf(path);
    if (!steps) complain(context, ["output", "labels", path], "a path is like `$.messages[*].id`");
    else if (!hasField(output.schema, steps)) {
      complain(context, ["output", "labels", path], "`output.schema` has no such field");
    }
  }
}

/** What a schema says nothing of may be there; what it closes off may not. */
function hasField(schema: JsonValue | undefined, [first, ...rest]: readonly Step[]): boolean {
  if (schema === false) return false;
  if (first === undefined || !isJsonObject(schema)) return true;
  if ("any" in first && first.any === "item") return hasField(schema["items"], rest);
  const { properties, additionalProperties } = schema;
  const named = isJsonObject(properties) ? properties : {};
  if ("name" in first && Object.hasOwn(named, first.name)) return hasField(named[first.name], rest);
  const all = [...("any" in first ? Object.values(named) : []), additionalProperties];
  return all.some((each) => hasField(each, rest));
}

/** A tool that reaches out and says it only reads would slip past every rule about effects. */
export function networkIsAnEffect(manifest: Manifest, context: Context): void {
  const has = (effect: Effect): boolean => manifest.effects.includes(effect);
  if (manifest.permissions.net.length > 0 && !has("external")) {
    complain(context, ["effects"], "a tool with `permissions.net` has the effect `external`");
  }
  const writes = manifest.permissions.fs.some((permission) => permission.access === "write");
  if (writes && !has("write") && !has("destructive")) {
    complain(context, ["effects"], "a tool that may write files has the effect `write`");
  }
}

/** What a tool that reaches nowhere wants with a secret is nothing good. */
export function secretsAreSent(manifest: Manifest, context: Context): void {
  const count = Object.keys(manifest.secrets).length;
  if (count > 0 && manifest.permissions.net.length === 0) {
    complain(context, ["secrets"], "a tool with `secrets` has `permissions.net`");
  }
  if (count > limits.secretsPerTool) {
    complain(context, ["secrets"], `a tool has at most ${limits.secretsPerTool} secrets`);
  }
}

/** An attack on a compiler needs code of one's own; who may bring code gets no compiler. */
export function agentsCodeIsInterpreted({ sandbox }: Manifest, context: Context): void {
  if (sandbox.author === "agent" && sandbox.jit) {
    complain(context, ["sandbox", "jit"], "code that an agent wrote runs without `jit`");
  }
}

/** A program in an image needs an engine; code of ours runs in each tier there is. */
export function tierCanRun({ run, sandbox, limits: own }: Manifest, context: Context): void {
  const { tier, escalate } = sandbox;
  if ("image" in run && !isContainerTier(tier)) {
    complain(context, ["sandbox", "tier"], "an image runs in the tier `container` or `gvisor`");
  }
  for (const [when, stronger] of Object.entries(escalate)) {
    if (strongestTier(tier, stronger) === tier) {
      complain(context, ["sandbox", "escalate", when], "this is no stronger than `tier`");
    }
  }
  if (tier === "isolate" && own.memoryMb > limits.memoryMbCeiling) {
    const message = `an isolate has at most ${limits.memoryMbCeiling} MB`;
    complain(context, ["limits", "memoryMb"], message);
  }
}

/** What it knows of one call it knows in the next: so much may not be a matter of a single call. */
export function serviceForgetsNothing(manifest: Manifest, context: Context): void {
  const { run, sandbox, permissions } = manifest;
  if (!("image" in run) || run.lifecycle !== "service") return;
  if (sandbox.author === "agent") {
    complain(context, ["run", "lifecycle"], "code that an agent wrote runs in a container a call");
  }
  permissions.fs.forEach(({ access, path }, index) => {
    const place = ["permissions", "fs", String(index)];
    if (access === "write") complain(context, place, "a service writes no files");
    if (path.includes("{{")) {
      complain(context, place, "a service sees what stood there at its start: no template");
    }
  });
}

function complain(context: Context, path: string[], message: string): void {
  context.addIssue({ code: "custom", path, message });
}
