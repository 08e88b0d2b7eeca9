import { test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import type { KnownToken } from "../store/tokens.ts";
import { resolveTokens } from "./resolve-tokens.ts";

const [a, b] = ["000000000000000a", "000000000000000b"];
const [tokenA, tokenB] = [`[redacted:token:${a}]`, `[redacted:personal:email:${b}]`];
const known: Readonly<Record<string, KnownToken>> = {
  [a]: { id: a, kind: "secret:token", value: `see ${tokenB}`, integrity: "untrusted" },
  [b]: { id: b, kind: "personal:email", value: "jane@mail.example.org", integrity: "trusted" },
};

type Needs = Parameters<typeof resolveTokens>;

const resolve = async (args: JsonObject) => {
  const asked: string[] = [];
  const find = async (session: string, id: string): Promise<KnownToken | undefined> => {
    asked.push(`${session} ${id}`);
    return known[id];
  };
  const state = { proposal: { arguments: args }, session: { id: "s" } } as unknown as Needs[0];
  const deps = { store: { tokens: { find } } } as unknown as Needs[1];
  const { texts, carried } = await resolveTokens(state, deps);
  return { texts: Object.fromEntries(texts), carried, asked };
};

test("each token says where its value stands, what it is, and whose word", async (t) => {
  t.strictSame(await resolve({ to: [tokenB], n: 1, text: `a ${tokenB}, ${tokenB}` }), {
    texts: {
      "/to/0": "jane@mail.example.org",
      "/text": "a jane@mail.example.org, jane@mail.example.org",
    },
    carried: [
      ["/to/0", 0],
      ["/text", 2],
      ["/text", 25],
    ].map(([path, start]) => ({
      path,
      label: { integrity: "trusted", confidentiality: "secret" },
      token: { kind: "personal:email", start, end: Number(start) + 21 },
    })),
    asked: [`s ${b}`, `s ${b}`, `s ${b}`],
  });
});

test("attack: a token in what a token stands for stays a text", async (t) => {
  const { texts, asked } = await resolve({ text: `x ${tokenA}` });
  t.strictSame(texts, { "/text": `x see ${tokenB}` });
  t.strictSame(asked, [`s ${a}`]);
});

test("attack: names of members, halves and other kinds lead nowhere", async (t) => {
  const text = `${tokenB.slice(1)} [redacted:card:${b}] [redacted:token:${b}]`;
  const { texts, carried } = await resolve({ text, [tokenA]: "x" });
  t.strictSame({ texts, carried }, { texts: {}, carried: [] });
});
