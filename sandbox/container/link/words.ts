import { z } from "zod";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import { containerTiers } from "../../../manifests/tier.ts";
import { Breach } from "./breach.ts";
import type { Ended, EngineFacts, LaunchRequest } from "./launcher.ts";

/** What the gateway says. The first word of a connection is `launch` or `facts`, and only that. */
export type GatewayWord =
  | ({ readonly word: "launch" } & LaunchRequest)
  | { readonly word: "facts" }
  | { readonly word: "end-input" }
  | { readonly word: "kill" };

/** What the launcher says: `launched`, then `ended`, then `gone`; or `refused`; or `facts`. */
export type LauncherWord =
  | { readonly word: "launched"; readonly container: string; readonly image: string }
  | { readonly word: "refused"; readonly code: LaunchRefusal; readonly detail: string }
  | ({ readonly word: "facts" } & EngineFacts)
  | ({ readonly word: "ended" } & Ended)
  | { readonly word: "gone" };

export type LaunchRefusal = (typeof launchRefusals)[number];
const launchRefusals = [
  "ENGINE_UNAVAILABLE",
  "IMAGE_UNAVAILABLE",
  "IMAGE_MISMATCH",
  "SANDBOX_UNAVAILABLE",
  "FILES_DENIED",
  "FILES_FAILED",
  "INTERNAL",
] as const;

/** Room for a sentence; words of the engine's are never passed on. */
const detailChars = 500;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const image = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const text = z.string().max(200);
const amount = z.int().min(1);

const gatewayWord: z.ZodType<GatewayWord> = z.discriminatedUnion("word", [
  z.strictObject({
    word: z.literal("launch"),
    pin: digest,
    slot: z.string().regex(/^[0-9a-f]{32}$/),
    tier: z.enum(containerTiers),
    limits: z.strictObject({ memoryMb: amount, cpuMs: amount }),
    mounts: z.array(z.string().min(1).max(limits.pathChars)).max(containerLimits.mountsPerCall),
    network: z.boolean(),
  }),
  z.strictObject({ word: z.literal("facts") }),
  z.strictObject({ word: z.literal("end-input") }),
  z.strictObject({ word: z.literal("kill") }),
]);

const launcherWord: z.ZodType<LauncherWord> = z.discriminatedUnion("word", [
  z.strictObject({ word: z.literal("launched"), container: digest, image }),
  z.strictObject({
    word: z.literal("refused"),
    code: z.enum(launchRefusals),
    detail: z.string().max(detailChars),
  }),
  z.strictObject({
    word: z.literal("facts"),
    engine: text,
    kernel: text,
    cgroup: z.enum(["1", "2"]),
    runtimes: z
      .array(
        z.strictObject({
          tier: z.enum(containerTiers),
          name: text,
          version: text.exactOptional(),
        }),
      )
      .max(containerTiers.length),
    images: z.array(image).max(limits.toolsPerDeployment),
  }),
  z.strictObject({
    word: z.literal("ended"),
    exitCode: z.int().min(0).max(255).exactOptional(),
    isOutOfMemory: z.boolean(),
    cpuMs: z.int().min(0).exactOptional(),
    lost: z.enum(["engine", "launcher"]).exactOptional(),
  }),
  z.strictObject({ word: z.literal("gone") }),
]);

/** @throws {Breach} for anything but one word of the gateway's. */
export function parseGatewayWord(bytes: Buffer): GatewayWord {
  return orBreach(() => gatewayWord.parse(parseStrictJson(bytes)));
}

/** @throws {Breach} for anything but one word of the launcher's. */
export function parseLauncherWord(bytes: Buffer): LauncherWord {
  return orBreach(() => launcherWord.parse(parseStrictJson(bytes)));
}

function orBreach<Word>(parse: () => Word): Word {
  try {
    return parse();
  } catch (cause) {
    throw new Breach("no word that may be said", { cause });
  }
}

export function isLaunchRefusal(code: string): code is LaunchRefusal {
  return launchRefusals.some((one) => one === code);
}
