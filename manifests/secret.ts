import { z } from "zod";
import { limits } from "./limits.ts";
import { type HttpMethod, httpMethods } from "./permissions.ts";

/** The one part of a request that a secret may be put into. The tool sends a handle there. */
export type SecretPlace =
  | {
      /** Lower case. */
      readonly header: string;
      /** Set before the value: `Bearer `. */
      readonly prefix?: string;
    }
  | { readonly query: string }
  /** A JSON pointer into the body. */
  | { readonly json: string };

/** Where a secret may be sent. */
export interface SecretDestination {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods: readonly HttpMethod[];
  /** Path prefix, by whole segments. */
  readonly path: string;
}

/** Who may use a secret, and for what. It belongs to the secret, not to the tool. */
export interface SecretBinding {
  readonly tools: readonly string[];
  /** `*` is every principal. */
  readonly principals: readonly string[];
  readonly to: SecretDestination;
  readonly place: SecretPlace;
}

/** What a grant says of a secret; never its value. */
export interface GrantedSecret {
  readonly name: string;
  readonly to: SecretDestination;
  readonly place: SecretPlace;
}

export interface Secret {
  readonly binding: SecretBinding;
  readonly value: string;
}

/** Whether a binding names this tool, and this principal or everybody. */
export function mayUse(
  { tools, principals }: SecretBinding,
  { tool, principal }: { readonly tool: string; readonly principal: string },
): boolean {
  return tools.includes(tool) && (principals.includes(principal) || principals.includes("*"));
}

/** Where secrets come from. */
export interface SecretProvider {
  /** The binding alone: nothing secret is read for it. */
  binding(name: string): Promise<SecretBinding | undefined>;
  /** @throws {Refusal} `SECRET_UNAVAILABLE` where it is there and cannot be read. */
  read(name: string): Promise<Secret | undefined>;
}

export const secretName: z.ZodType<string> = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/, "a secret's name is lower-case ASCII words");

const headerName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, "a header's name is lower case");

export const secretPlaceSchema: z.ZodType<SecretPlace> = z.union(
  [
    z.strictObject({
      header: headerName,
      prefix: z
        .string()
        .min(1)
        .max(32)
        .regex(/^[\x20-\x7e]+$/)
        .exactOptional(),
    }),
    z.strictObject({ query: z.string().min(1).max(100) }),
    z.strictObject({
      json: z
        .string()
        .max(200)
        .regex(/^(?:\/(?:[^~/]|~[01])*)+$/, "a JSON pointer: `/auth/token`"),
    }),
  ],
  "a place is `header` with an optional `prefix`, `query`, or `json`",
);

export const secretBindingSchema: z.ZodType<SecretBinding> = z.strictObject({
  tools: z.array(z.string().max(limits.toolNameChars)).min(1).max(64),
  principals: z.array(z.string().min(1).max(limits.principalChars)).min(1).max(64),
  to: z.strictObject({
    scheme: z.enum(["http", "https"]).default("https"),
    host: z
      .string()
      .max(253)
      .regex(/^[a-z0-9.:[\]-]+$/, "a host is lower case, without scheme, port or wildcard"),
    ports: z.array(z.int().min(1).max(65_535)).min(1).max(16).default([443]),
    methods: z.array(z.enum(httpMethods)).min(1).default(["GET"]),
    path: z.string().startsWith("/").max(limits.pathChars).default("/"),
  }),
  place: secretPlaceSchema,
});

/**
 * What is wrong with a value, if anything. Printable ASCII can stand in every place; a short value
 * would be found in honest answers, and redacted there.
 */
export function secretValueProblem(value: string): string | undefined {
  if (value.length > limits.secretChars) return `a secret has at most ${limits.secretChars} bytes`;
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) {
    return "a secret is one line of printable ASCII, without space at its ends";
  }
  if (value.replace(/[^A-Za-z0-9]/g, "").length < limits.secretCharsLeast) {
    return `a secret has at least ${limits.secretCharsLeast} letters and digits`;
  }
  return undefined;
}
