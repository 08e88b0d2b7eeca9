import { z } from "zod";
import { type ActionsByKind, actions, actionsSchema } from "./action.ts";
import { containerLimits } from "./container-limits.ts";
import type { FieldLabels } from "./field-labels.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { type Confidentiality, confidentialities, type Integrity, integrities } from "./label.ts";
import { limits } from "./limits.ts";
import {
  agentsCodeIsInterpreted,
  closedInput,
  labelsNameFields,
  networkIsAnEffect,
  rolesNameArguments,
  secretsAreSent,
  serviceForgetsNothing,
  tierCanRun,
} from "./manifest-rules.ts";
import { noPermissions, type Permissions, permissionsSchema } from "./permissions.ts";
import { provenanceLimits } from "./provenance-limits.ts";
import { type SecretPlace, secretName, secretPlaceSchema } from "./secret.ts";
import { type Tier, tiers } from "./tier.ts";

/** What an argument is for; provenance rules hang on it. An argument without a role is `content`. */
export const roles = [
  "destination",
  "identifier",
  "selector",
  "command",
  "path",
  "amount",
  "time",
  "content",
] as const;
export type Role = (typeof roles)[number];

/** What a call does to the world. `read` alone changes nothing and carries nothing out. */
export const effects = ["read", "write", "external", "destructive"] as const;
export type Effect = (typeof effects)[number];

/** Who wrote the code that runs: the owner of the deployment, or the agent, in an argument. */
const authors = ["operator", "agent"] as const;
export type Author = (typeof authors)[number];

export interface ToolSandbox {
  /** The weakest tier that the tool may run in. */
  readonly tier: Tier;
  /** Code of an agent never shares a worker with anything. */
  readonly author: Author;
  /** Machine code: for an operator's code that computes much, in workers of its own. */
  readonly jit: boolean;
}

/** When a call runs in a stronger tier than the tool's own. */
export interface Escalation {
  /** Where the session, or any argument of the call, is untrusted. */
  readonly untrusted?: Tier;
  /** Where an argument with the role `command` is there. */
  readonly code?: Tier;
}

/** One container for one call, or a server that answers the calls of a session, one after the other. */
export const lifecycles = ["call", "service"] as const;
export type Lifecycle = (typeof lifecycles)[number];

/** Code that the gateway bundles, or a program in an image; each has its way of being told. */
export type ToolRun =
  | { readonly js: string }
  | {
      /** A shipped image by its name, or any other by its id (`sha256:…`) or `NAME@sha256:…`. */
      readonly image: string;
      /** The program and its words; what the image says of its own is ignored. */
      readonly command: readonly string[];
      readonly lifecycle: Lifecycle;
    };

export interface ToolLimits {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly outputKb: number;
}

/** What a tool may ever do, written by a person. See `docs/manifests.md` for each field. */
export interface Manifest {
  readonly apiVersion: "ringward/v1";
  readonly kind: "Tool";
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly description: string;
  /** JSON Schema 2020-12 of the arguments; the root is a closed object. */
  readonly input: JsonObject;
  readonly roles: Readonly<Record<string, Role>>;
  readonly effects: readonly Effect[];
  /** Beginnings of words by which a user asks for what the tool does: `refund` is `refunded` too. */
  readonly asked: readonly string[];
  readonly output: {
    readonly schema: JsonValue;
    /** A ceiling: a result is as weak as the weakest of this, its arguments and the files read. */
    readonly integrity: Integrity;
    readonly confidentiality: Confidentiality;
    /** What is done at least about findings in a result; a deployment may do more, never less. */
    readonly actions: ActionsByKind;
    /** Parts of a result whose integrity is another one; whatever they leave has the one above. */
    readonly labels: FieldLabels;
  };
  readonly permissions: Permissions;
  /** Secrets that the tool sends, by name, and where in a request each stands. */
  readonly secrets: Readonly<Record<string, SecretPlace>>;
  readonly sandbox: ToolSandbox & { readonly escalate: Escalation };
  readonly limits: ToolLimits;
  readonly budget: { readonly perSession?: number; readonly perMinute?: number };
  readonly run: ToolRun;
}

/** ASCII without confusables of its own; compared without case. */
const namePattern = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/;

/** No tag: whoever may move one would choose what runs. */
const imagePattern =
  /^(?:[a-z][a-z0-9-]*|sha256:[0-9a-f]{64}|[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64})$/;

const manifestSchema: z.ZodType<Manifest> = z
  .strictObject({
    apiVersion: z.literal("ringward/v1"),
    kind: z.literal("Tool"),
    name: z
      .string()
      .max(limits.toolNameChars)
      .regex(namePattern, "a name is lower-case ASCII words joined by `.`, `_` or `-`")
      .describe("How agents call the tool. Unique in a deployment."),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, "a version is MAJOR.MINOR.PATCH")
      .describe("Changes whenever anything about the tool changes."),
    title: z.string().min(1).max(100).exactOptional().describe("A name for people."),
    description: z.string().min(1).max(2_000).describe("What the tool does, for the model."),
    input: jsonObject().describe("JSON Schema 2020-12 of the arguments: a closed object."),
    roles: z
      .record(z.string(), z.enum(roles))
      .default({})
      .describe("What each argument is for; provenance rules hang on this."),
    effects: z.array(z.enum(effects)).min(1).describe("What a call does to the world."),
    asked: z
      .array(
        z
          .string()
          .max(provenanceLimits.askedWordChars)
          .regex(/^[\p{Ll}\p{Lo}]{2,}$/u, "a word, or its beginning, in lower case"),
      )
      .max(provenanceLimits.askedWords)
      .default([])
      .describe("Beginnings of words by which a user asks for what the tool does."),
    output: z
      .strictObject({
        schema: z.union([jsonObject(), z.boolean()]).describe("JSON Schema of the output."),
        integrity: z.enum(integrities).default("untrusted"),
        confidentiality: z.enum(confidentialities).default("internal"),
        actions: actionsSchema(actions.filter((action) => action !== "record"))
          .default({})
          .describe("What is done at least about findings in a result, by their kind."),
        labels: z
          .record(z.string().max(provenanceLimits.fieldPathChars), z.enum(integrities))
          .default({})
          .describe("Parts with another integrity, by path: `$.messages[*].id`."),
      })
      .describe("The schema and the ceiling of the label of what comes back."),
    permissions: permissionsSchema("ceiling")
      .default(noPermissions)
      .describe("The most that any call of this tool may do."),
    secrets: z
      .record(secretName, secretPlaceSchema)
      .default({})
      .describe("Secrets that the tool sends, and the place in a request where each stands."),
    sandbox: z
      .strictObject({
        tier: z.enum(tiers).default("isolate"),
        author: z
          .enum(authors)
          .default("operator")
          .describe("`agent` where an argument is code that the tool runs."),
        jit: z
          .boolean()
          .default(false)
          .describe("Compile the operator's code to machine code; needs weaker walls."),
        escalate: z
          .strictObject({
            untrusted: z.enum(tiers).exactOptional(),
            code: z.enum(tiers).exactOptional(),
          })
          .default({})
          .describe("Stronger tiers for calls that carry more risk."),
      })
      .prefault({}),
    limits: z
      .strictObject({
        wallMs: z.int().min(10).max(limits.wallMsCeiling).default(limits.wallMs),
        cpuMs: z.int().min(10).max(limits.cpuMsCeiling).default(limits.cpuMs),
        memoryMb: z
          .int()
          .min(8)
          .max(containerLimits.containerMemoryMbCeiling)
          .default(limits.memoryMb),
        outputKb: z.int().min(1).max(limits.outputKbCeiling).default(limits.outputKb),
      })
      .prefault({}),
    budget: z
      .strictObject({
        perSession: z.int().min(1).exactOptional(),
        perMinute: z.int().min(1).exactOptional(),
      })
      .default({})
      .describe("Calls of this tool; used up before the call runs, given back to nobody."),
    run: z.union([
      z.strictObject({
        js: z
          .string()
          .regex(/^\.\/[A-Za-z0-9._/-]+\.(?:ts|js)$/, "a path beside the manifest: `./tool.ts`")
          .describe("The tool's code, beside the manifest. It exports `run(args, host)`."),
      }),
      z.strictObject({
        image: z
          .string()
          .max(containerLimits.imageNameChars)
          .regex(imagePattern, "a shipped image's name, `sha256:…`, or `NAME@sha256:…`")
          .describe("The image whose program runs: shipped, or by id or digest."),
        command: z
          .array(z.string().min(1).max(containerLimits.commandWordChars))
          .min(1)
          .max(containerLimits.commandWords)
          .describe("The program and its words."),
        lifecycle: z
          .enum(lifecycles)
          .default("call")
          .describe("`service`: the program stays, and answers the calls of one session."),
      }),
    ]),
  })
  .superRefine(closedInput)
  .superRefine(rolesNameArguments)
  .superRefine(labelsNameFields)
  .superRefine(networkIsAnEffect)
  .superRefine(secretsAreSent)
  .superRefine(agentsCodeIsInterpreted)
  .superRefine(tierCanRun)
  .superRefine(serviceForgetsNothing);

function jsonObject(): z.ZodType<JsonObject> {
  return z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject>;
}

/**
 * @throws {z.ZodError} with the path of each thing that is wrong. For a file use
 * `readManifest`, which adds line and column.
 */
export function parseManifest(input: unknown): Manifest {
  return manifestSchema.parse(input);
}

/** The JSON Schema of a manifest, for editors. */
export function manifestJsonSchema(): JsonObject {
  return z.toJSONSchema(manifestSchema, { io: "input" }) as JsonObject;
}
