import type { Mutation } from "./mutations.ts";

const test = "tests/security/tokens.test.ts";
const resolve = "gateway/stages/resolve-tokens.ts";
const resolveTest = "gateway/stages/resolve-tokens.test.ts";

export const tokensMutations: readonly Mutation[] = [
  {
    takesOut: "what was redacted is turned back in files where policy allows it alone",
    file: "policies/workspace.cedar",
    ...{ from: ' || action in Action::"destructive" || context has tokens\n};', to: "\n};", test },
  },
  {
    takesOut: "what was redacted is turned back outside where policy allows it alone",
    file: "policies/external.cedar",
    ...{ from: " || context has tokens };", to: " };", test },
  },
  {
    takesOut: "policy is told of what is turned back",
    ...{ file: "gateway/stages/judge.ts", from: "    ...tokensFact(state),\n", to: "", test },
  },
  {
    takesOut: "a token is of one session",
    file: "gateway/store/token-names.ts",
    ...{
      from: "JSON.stringify([session, kind, value])",
      to: "JSON.stringify([kind, value])",
      test,
    },
  },
  {
    takesOut: "a token is looked up in its session alone",
    file: "gateway/store/token-reads.ts",
    ...{ from: "WHERE session = ? AND id = ?", to: "WHERE session <> ? || 'x' AND id = ?", test },
  },
  {
    takesOut: "a token is of one kind",
    file: resolve,
    from: "|| !isToken(text.slice(start, end), token)",
    ...{ to: "", test: resolveTest },
  },
  {
    takesOut: "tokens in one call have a number",
    ...{ file: resolve, from: "count <= tokenLimits.perCall", to: "count <= 1e9", test },
  },
  {
    takesOut: "what a token stands for is secret",
    ...{ file: resolve, from: 'confidentiality: "secret"', to: 'confidentiality: "public"', test },
  },
  {
    takesOut: "a secret beside a token is one",
    file: "gateway/stages/check.ts",
    ...{ from: "path === place && token.start <= start && end <= token.end", to: "path === place" },
    test,
  },
  {
    takesOut: "the gateway's own secrets are not kept for tokens",
    file: "gateway/tokens.ts",
    ...{ from: "|| lost.includes(kind)", to: "", test: "gateway/tokens.test.ts" },
  },
];
