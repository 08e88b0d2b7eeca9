import { z } from "zod";
import { limits } from "../manifests/limits.ts";
import { parseStrictJson } from "../manifests/strict-json.ts";
import type { ModelOptions } from "./openai.ts";
import type { AgentTask } from "./run.ts";

/** Everything the agent's process is told. It reads no environment and no file. */
export interface AgentSettings {
  readonly gateway: { readonly url: string; readonly token: string };
  readonly model: ModelOptions;
  readonly task: AgentTask;
}

/** What a host writes to the agent's standard input; what is left out gets a default. */
export interface AgentDocument {
  readonly gateway: { readonly url: string; readonly token: string };
  readonly model: Omit<ModelOptions, "dollarsPerMillion"> & Partial<ModelOptions>;
  readonly task: Omit<AgentTask, "bounds"> & { readonly bounds?: Partial<AgentTask["bounds"]> };
}

/**
 * @throws {Refusal} `JSON_INVALID`
 * @throws {z.ZodError} naming what is wrong.
 */
export function parseSettings(text: string): AgentSettings {
  return settingsSchema.parse(parseStrictJson(text));
}

const dollars = z.number().min(0);

const settingsSchema: z.ZodType<AgentSettings> = z.strictObject({
  gateway: z.strictObject({ url: z.url({ protocol: /^https?$/ }), token: z.string().min(1) }),
  model: z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    key: z.string().min(1),
    name: z.string().min(1),
    dollarsPerMillion: z
      .strictObject({ input: dollars, output: dollars })
      .default({ input: 0, output: 0 }),
  }),
  task: z.strictObject({
    session: z.string().min(1),
    text: z.string().min(1).max(limits.taskChars),
    bounds: z
      .strictObject({
        steps: z.int().min(1).default(limits.agentSteps),
        tokens: z.int().min(1).default(limits.agentTokens),
        seconds: z
          .number()
          .positive()
          .max(limits.sessionSecondsCeiling)
          .default(limits.agentSeconds),
        dollars: z.number().positive().default(limits.agentDollars),
        repeats: z.int().min(1).default(limits.agentRepeats),
      })
      .prefault({}),
  }),
});
