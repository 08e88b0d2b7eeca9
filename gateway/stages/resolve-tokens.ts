import { type JsonValue, visitLeaves } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { tokenLimits } from "../../manifests/token-limits.ts";
import type { Deps } from "../deps.ts";
import type { Identified } from "../state.ts";
import type { KnownToken } from "../store/tokens.ts";
import { isToken, type TokenPlace, tokensIn } from "../tokens.ts";
import type { Carried } from "./resolve.ts";

export interface ResolvedTokens {
  /** By the pointer of each text that a token of this session stands in: what it says really. */
  readonly texts: ReadonlyMap<string, JsonValue>;
  readonly carried: readonly Carried[];
}

/**
 * What tokens of this session in the arguments' values stand for. One that it does not have is left
 * as a text.
 *
 * @throws {Refusal} `ARGUMENTS_INVALID` where they are too many.
 */
export async function resolveTokens(
  { proposal, session }: Identified,
  { store }: Pick<Deps, "store">,
): Promise<ResolvedTokens> {
  const texts = new Map<string, JsonValue>();
  const carried: Carried[] = [];
  const find = (id: string): Promise<KnownToken | undefined> => store.tokens.find(session.id, id);
  for (const { path, text, places } of writtenIn(proposal.arguments)) {
    const filled = await fill(text, places, find);
    if (filled.tokens.length === 0) continue;
    texts.set(path, filled.text);
    carried.push(...filled.tokens.map((token) => carriedAt(path, token)));
  }
  return { texts, carried };
}

interface Written {
  readonly path: string;
  readonly text: string;
  readonly places: readonly TokenPlace[];
}

function writtenIn(args: JsonValue): readonly Written[] {
  const written: Written[] = [];
  visitLeaves(args, (leaf, path) => {
    const places = typeof leaf === "string" ? tokensIn(leaf) : [];
    if (places.length > 0) written.push({ path, text: String(leaf), places });
  });
  const count = written.reduce((sum, { places }) => sum + places.length, 0);
  if (count <= tokenLimits.perCall) return written;
  const most = `at most ${tokenLimits.perCall} redacted values in one call`;
  throw new Refusal("ARGUMENTS_INVALID", most);
}

interface Filled {
  readonly text: string;
  readonly tokens: readonly (KnownToken & { readonly start: number; readonly end: number })[];
}

/** In one pass: what a value holds that looks like a token stays what it is. */
async function fill(
  text: string,
  places: readonly TokenPlace[],
  find: (id: string) => Promise<KnownToken | undefined>,
): Promise<Filled> {
  const tokens: Filled["tokens"][number][] = [];
  let filled = "";
  let at = 0;
  for (const { start, end, id } of places) {
    const token = await find(id);
    if (token === undefined || !isToken(text.slice(start, end), token)) continue;
    filled += text.slice(at, start);
    tokens.push({ ...token, start: filled.length, end: filled.length + token.value.length });
    filled += token.value;
    at = end;
  }
  return { text: filled + text.slice(at), tokens };
}

function carriedAt(path: string, token: Filled["tokens"][number]): Carried {
  const { kind, start, end, integrity } = token;
  return { path, label: { integrity, confidentiality: "secret" }, token: { kind, start, end } };
}
