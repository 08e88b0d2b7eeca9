import { Refusal } from "../../manifests/refusals.ts";
import {
  type Secret,
  type SecretBinding,
  type SecretProvider,
  secretValueProblem,
} from "../../manifests/secret.ts";
import { readOrigin } from "./read-origin.ts";
import type { SecretsConfig } from "./secrets-config.ts";
import { readSecretsFile, type SecretsPlace } from "./secrets-file.ts";

/**
 * The secrets of a deployment: those named in its file, then those of the encrypted one. Nothing is
 * kept in memory, so a secret that was changed or removed is so for the next request.
 */
export function createSecrets(config: SecretsConfig, place: SecretsPlace): SecretProvider {
  const find = (name: string): Found | undefined => {
    const named = Object.hasOwn(config.named, name) ? config.named[name] : undefined;
    if (named) return { ...named, read: () => readOrigin(named.from, place.env) };
    const stored = readSecretsFile(place).find((secret) => secret.name === name);
    return stored && { binding: stored.binding, read: () => Promise.resolve(stored.value) };
  };
  return {
    binding: (name) => orUnavailable(() => Promise.resolve(find(name)?.binding)),
    read: (name) => orUnavailable(() => readFound(find(name))),
  };
}

interface Found {
  readonly binding: SecretBinding;
  read(): Promise<string>;
}

async function readFound(found: Found | undefined): Promise<Secret | undefined> {
  if (found === undefined) return undefined;
  const value = await found.read();
  const problem = secretValueProblem(value);
  if (problem !== undefined) throw new Error(problem);
  return { binding: found.binding, value };
}

/** The reason is for the operators' record; the agent is told that there is one. */
async function orUnavailable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new Refusal("SECRET_UNAVAILABLE", undefined, { cause });
  }
}
