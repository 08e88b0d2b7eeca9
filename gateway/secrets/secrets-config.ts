import { z } from "zod";
import { type SecretBinding, secretBindingSchema, secretName } from "../../manifests/secret.ts";

/** The part `secrets` of a deployment. What `ringward secrets set` was given stands in no file of it. */
export interface SecretsConfig {
  /** Of the encrypted file; `secrets.key` in the state folder where it is left out. */
  readonly keyFile?: string;
  /** Secrets that are kept elsewhere. */
  readonly named: Readonly<Record<string, NamedSecret>>;
}

export interface NamedSecret {
  readonly from: SecretOrigin;
  readonly binding: SecretBinding;
}

export type SecretOrigin =
  /** The gateway's own environment. */
  | { readonly environment: string }
  /** What a program prints: its path and arguments, no shell. */
  | { readonly command: readonly string[]; readonly environment?: readonly string[] };

const variable = z
  .string()
  .max(100)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name");

const originSchema: z.ZodType<SecretOrigin> = z.union(
  [
    z.strictObject({ environment: variable }),
    z.strictObject({
      command: z.array(z.string().max(1_000)).min(1).max(32),
      environment: z.array(variable).max(32).exactOptional(),
    }),
  ],
  "`from` is `environment: NAME`, or `command: [PROGRAM, …]`",
);

export const secretsConfigSchema: z.ZodType<SecretsConfig> = z.strictObject({
  keyFile: z
    .string()
    .min(1)
    .exactOptional()
    .describe("The key of the encrypted secrets, where RINGWARD_SECRETS_KEY does not give it."),
  named: z
    .record(secretName, z.strictObject({ from: originSchema, binding: secretBindingSchema }))
    .default({})
    .describe("Secrets that are kept elsewhere, and what each may be used for."),
});
