import { randomBytes } from "node:crypto";
import { canonicalJson } from "../../../manifests/canonical.ts";
import type { Grant } from "../../../manifests/grant.ts";
import type { JsonValue } from "../../../manifests/json.ts";
import { holds, type Needle, needleOf, redact } from "../../../manifests/reflection.ts";
import { textsIn, usualSpellingsOf } from "../../../manifests/reflection-needles.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import {
  type GrantedSecret,
  mayUse,
  type Secret,
  type SecretProvider,
} from "../../../manifests/secret.ts";

/**
 * The secrets of one call. The guest is given handles; a value is read when a request that it is
 * bound to goes out, and is known here until the call is over, to be redacted from all that comes in.
 */
export class CallSecrets {
  readonly #grant: CallOf;
  readonly #provider: SecretProvider | undefined;
  readonly #handles: Map<string, string> = new Map();
  readonly #fragments: Needle[] = [];
  /** By the value: one that is sent again is looked for no more often. */
  readonly #values: Map<string, readonly Needle[]> = new Map();
  readonly #reading: Map<string, Promise<Secret | undefined>> = new Map();
  #misused = false;

  constructor(grant: CallOf, provider: SecretProvider | undefined) {
    this.#grant = grant;
    this.#provider = provider;
  }

  /** @throws {Refusal} `SECRET_DENIED`. */
  handle(name: string): string {
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    if (this.#find(name) === undefined) throw new Refusal("SECRET_DENIED");
    const handle = newHandle();
    this.#handles.set(name, handle);
    for (const fragment of fragmentsOf(handle)) {
      this.#fragments.push(needleOf(fragment, "", usualSpellingsOf(fragment)));
    }
    return handle;
  }

  get areGiven(): boolean {
    return this.#handles.size > 0;
  }

  /** Secrets whose handle the guest has. */
  given(): readonly (GrantedSecret & { readonly handle: string })[] {
    return [...this.#handles].flatMap(([name, handle]) => {
      const secret = this.#find(name);
      return secret ? [{ ...secret, handle }] : [];
    });
  }

  /** For texts in which no handle, no part of one, and no spelling of a part may stand. */
  refuseHandles(text: string): void {
    if (holds(text, this.#fragments))
      throw this.misuse("the handle of a secret is out of its place");
  }

  /** A call that has tried to carry a handle elsewhere is asked nothing more. */
  misuse(detail?: string): Refusal {
    this.#misused = true;
    return new Refusal("SECRET_MISUSED", detail);
  }

  /** @throws {Refusal} `SECRET_MISUSED`. */
  refuseMisuser(): void {
    if (this.#misused) throw new Refusal("SECRET_MISUSED");
  }

  /** @throws {Refusal} `SECRET_UNAVAILABLE`; also where it is not bound as it was any more. */
  async value(granted: GrantedSecret, signal: AbortSignal): Promise<string> {
    const secret = await Promise.race([this.#read(granted.name), endOf(signal)]);
    if (secret === undefined || !this.#isStill(granted, secret)) {
      throw new Refusal("SECRET_UNAVAILABLE", "the secret was removed or bound to something else");
    }
    this.#remember(secret.value, `[redacted:${granted.name}]`);
    return secret.value;
  }

  /** Without the values that this call has sent. */
  redact(text: string): string {
    return redact(text, [...this.#values.values()].flat());
  }

  #remember(value: string, token: string): void {
    if (this.#values.has(value)) return;
    const texts = [value, ...textsIn(value)];
    this.#values.set(
      value,
      texts.map((text) => needleOf(text, token)),
    );
  }

  /** Once for requests that are made together: where a program says it, each would run one. */
  #read(name: string): Promise<Secret | undefined> {
    const known = this.#reading.get(name);
    if (known !== undefined) return known;
    const read = this.#provider?.read(name) ?? Promise.resolve(undefined);
    const reading = read.finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  #find(name: string): GrantedSecret | undefined {
    return this.#grant.secrets.find((secret) => secret.name === name);
  }

  /** The call was granted it as it was bound then; for whom and to what it may have changed. */
  #isStill(granted: GrantedSecret, { binding }: Secret): boolean {
    return mayUse(binding, this.#grant) && textOf(granted) === textOf(binding);
  }
}

/** Rejects when nobody waits any more. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new Refusal("CANCELLED"));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** The call that they are for. */
type CallOf = Pick<Grant, "secrets" | "tool" | "principal">;

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const handleChars = 40;
const fragmentChars = 10;

/** 200 bits in letters and digits of one case, so that no reading of it has another spelling. */
function newHandle(): string {
  const chars = Array.from(randomBytes(handleChars), (byte) => alphabet[byte % alphabet.length]);
  return `secret-${chars.join("")}`;
}

/** One cut through a handle leaves three of its fragments whole. */
function fragmentsOf(handle: string): readonly string[] {
  return handle.slice(-handleChars).match(new RegExp(`.{${fragmentChars}}`, "g")) ?? [];
}

function textOf({ to, place }: Pick<GrantedSecret, "to" | "place">): string {
  return canonicalJson({ to, place } as unknown as JsonValue);
}
