import { Refusal } from "../../manifests/refusals.ts";
import {
  type Secret,
  type SecretBinding,
  type SecretProvider,
  secretValueProblem,
} from "../../manifests/secret.ts";
import { readOrigin } from "./read-origin.ts";
import type { NamedSecret, SecretsConfig } from "./secrets-config.ts";
import { readSecretsFile, type SecretsPlace, secretsStamp } from "./secrets-file.ts";

/** Secrets, and all of their values, for whoever makes sure that nobody is told one. */
export interface HeldSecrets extends SecretProvider {
  /** As they are now; those that cannot be read any more, as they were. */
  held(): readonly string[];
}

/**
 * The secrets of a deployment: those named in its file, then those of the encrypted one. A secret that
 * was changed or removed is so for the next request. What a program says is held from the time on at
 * which it was first asked for: no program runs only to be looked for.
 */
export function createSecrets(config: SecretsConfig, place: SecretsPlace): HeldSecrets {
  const said = new Map<string, string>();
  const readStored = storedReader(place);
  const readNamed = async (name: string, { from }: NamedSecret): Promise<string> => {
    const value = await readOrigin(from, place.env);
    said.set(name, value);
    return value;
  };
  const find = (name: string): Found | undefined => {
    const named = Object.hasOwn(config.named, name) ? config.named[name] : undefined;
    if (named) return { ...named, read: () => readNamed(name, named) };
    const stored = readSecretsFile(place).find((secret) => secret.name === name);
    return stored && { binding: stored.binding, read: () => Promise.resolve(stored.value) };
  };
  return {
    binding: (name) => orUnavailable(() => Promise.resolve(find(name)?.binding)),
    read: (name) => orUnavailable(() => readFound(find(name))),
    held() {
      const values = [...readStored(), ...variablesOf(config, place), ...said.values()];
      return values.filter((value) => secretValueProblem(value) === undefined);
    },
  };
}

function variablesOf({ named }: SecretsConfig, { env }: SecretsPlace): readonly string[] {
  return Object.values(named).flatMap(({ from }) =>
    "environment" in from && !("command" in from) ? (env(from.environment) ?? []) : [],
  );
}

/**
 * Values of the encrypted file, read where it is another one than before: whoever changes it puts a
 * new one there. One that cannot be read refuses the calls that need it, and no other.
 */
function storedReader(place: SecretsPlace): () => readonly string[] {
  let [stamp, values]: [string, readonly string[]] = ["", []];
  return () => {
    const now = secretsStamp(place);
    if (now === stamp) return values;
    try {
      values = readSecretsFile(place).map(({ value }) => value);
      stamp = now;
    } catch {
      // What it held stays held.
    }
    return values;
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
