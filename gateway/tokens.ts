import { randomBytes } from "node:crypto";
import { tokenLimits } from "../manifests/token-limits.ts";
import type { NewToken, TokenStore } from "./store/tokens.ts";

/** Kinds of which nobody gets the value back: the gateway's own secrets, and what nobody has read. */
const lost: readonly string[] = ["secret:held", "secret:unread", "secret:ringward-key"];

/** The tokens that stand for what is taken out of one output. */
export class Tokens {
  readonly #session: string;
  readonly #name: TokenStore["name"];
  readonly #issued: Map<string, NewToken> = new Map();

  constructor(session: string, { name }: Pick<TokenStore, "name">) {
    this.#session = session;
    this.#name = name;
  }

  /** Of a part of the output; of more than its text, and of a long one, nothing is kept. */
  readonly issue = (kind: string, value: string | undefined): string => {
    if (value === undefined || value.length > tokenLimits.valueChars || lost.includes(kind)) {
      return tokenText(kind, randomBytes(8).toString("hex"));
    }
    const id = this.#name(this.#session, kind, value);
    this.#issued.set(id, { id, kind, value });
    return tokenText(kind, id);
  };

  get issued(): readonly NewToken[] {
    return [...this.#issued.values()];
  }
}

/** What the agent sees: what kind of thing stood there, and which of them. */
function tokenText(kind: string, id: string): string {
  return `[redacted:${kind.replace("secret:", "")}:${id}]`;
}

/** A place in a text that reads like a token. */
export interface TokenPlace {
  readonly start: number;
  readonly end: number;
  readonly id: string;
}

export function tokensIn(text: string): readonly TokenPlace[] {
  return [...text.matchAll(/\[redacted:[a-z0-9:-]{1,80}:(?<id>[0-9a-f]{16})\]/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    id: match.groups?.["id"] ?? "",
  }));
}

/** Whether a place is as it was handed out: the same id of another kind is none. */
export function isToken(text: string, { id, kind }: NewToken): boolean {
  return text === tokenText(kind, id);
}
