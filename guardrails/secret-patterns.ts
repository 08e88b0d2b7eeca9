import { servicePatterns } from "./service-patterns.ts";

/** Secrets with a shape of their own. The whole match is what has to be hidden. */
export interface SecretPattern {
  readonly name: string;
  /** Global; linear on any text: no start scans far over what another start scans. */
  readonly pattern: RegExp;
  /** A regular expression's source that every text with a match also matches; cheap to look for. */
  readonly needs: string;
  /** How sure a match is a secret, from 0 to 1. */
  readonly score: number;
}

const key = "[A-Za-z0-9_-]";
const word = "[A-Za-z0-9_]";
const plain = "[A-Za-z0-9]";
const hex = "[A-Fa-f0-9]";

/**
 * What the preset does not know, knows too narrowly, or reports with a span that is too short. None
 * asks what stands before or after: a letter glued to a secret does not hide it.
 */
export const secretPatterns: readonly SecretPattern[] = [
  row("ringward-key", `rw_(?:host|agent|operator|auditor)_${key}{16,512}`, "rw_[hao]"),
  row("aws-key", "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", "AKIA|ASIA|ABIA|ACCA"),
  row(
    "aws-secret",
    String.raw`(?:SECRET|secret|Secret)_?(?:ACCESS|access|Access)_?(?:KEY|key|Key)["']?\s{0,8}(?::|=>|=)\s{0,8}["']?[A-Za-z0-9/+=]{40}`,
    "(?:ACCESS|access|Access)_?[Kk][Ee]",
  ),
  row("google-api-key", `AIza${key}{35,64}`, "AIza"),
  row("google-oauth", String.raw`GOCSPX-${key}{28,64}|ya29\.${key}{20,2048}`, "GOCSPX-|ya29"),
  row("github", `gh[pousr]_${word}{36,255}|github_pat_${word}{22,255}`, "gh[pousr]_|b_pat_"),
  row("github", String.raw`https?://[^\s:@/]{1,256}:x-oauth-basic@github\.com`, "x-oauth-basic@"),
  row(
    "gitlab",
    `gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|imt|agent)-${key}{20,255}`,
    "gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|imt|agent)-",
  ),
  row("npm", `npm_${word}{36,255}`, "npm_"),
  row("npm", String.raw`_authToken\s{0,8}=\s{0,8}["']?[A-Za-z0-9_+/=.-]{16,512}`, "_authToken"),
  row("openai", `sk-(?:proj|svcacct|admin)-${key}{40,512}`, "sk-"),
  row("anthropic", `sk-ant-[a-z]{2,8}[0-9]{2}-${key}{32,512}`, "sk-"),
  row("stripe", `[sr]k_(?:live|test)_${plain}{24,255}`, "[sr]k_(?:live|test)_"),
  row("stripe", "whsec_[A-Za-z0-9+/=]{24,255}", "whsec_"),
  row("slack", `xox[abopres]-${key}{16,255}|xapp-${key}{16,255}`, "xox[abopres]-|xapp-"),
  row("sendgrid", String.raw`SG\.${key}{16,64}\.${key}{16,128}`, String.raw`SG\.\w`),
  row("shopify", `shp(?:pa|ca|at|ss)_${plain}{32,255}`, "shp(?:pa|ca|at|ss)_"),
  row("grafana", `glc_[A-Za-z0-9+/=]{32,512}|glsa_${plain}{32}_${hex}{8,64}`, "glc_|glsa_"),
  row("groq", `gsk_${plain}{52,255}`, "gsk_"),
  row("huggingface", "hf_[A-Za-z]{34,255}", "hf_"),
  row("linear", `lin_api_${word}{32,255}`, "lin_api_"),
  row("notion", `ntn_${plain}{46,255}`, "ntn_"),
  row("1password", "ops_ey[A-Za-z0-9+/=]{100,2048}", "ops_ey"),
  row("hashicorp-vault", String.raw`hv[sbr]\.${key}{90,512}`, String.raw`hv[sbr]\.`),
  row("vercel", `vc[piark]_${plain}{20,255}`, "vc[piark]_"),
  row("databricks", `dapi${hex}{32,255}`, "dapi[A-Fa-f0-9]"),
  row("docker", `dckr_pat_${key}{27,255}`, "dckr_pat_"),
  row("figma", `figd_${key}{40,255}`, "figd_"),
  row("cloudflare", `cf(?:k|ut|at)_${plain}{40}${hex}{8,255}`, "cf(?:k|ut|at)_"),
  row("tailscale", `tskey-[a-z]{2,20}-${word}{8,40}-${word}{16,255}`, "tskey-"),
  row("azure", "AccountKey=[A-Za-z0-9+/]{86}==", "AccountKey="),
  row("pypi", `pypi-Ag${key}{50,512}`, "pypi-"),
  row("digitalocean", `do[opr]_v1_${hex}{64,255}`, "_v1_"),
  row("telegram", `[0-9]{8,10}:AA${key}{33,64}`, ":AA"),
  row("discord", `discord(?:app)?\\.com/api/webhooks/[0-9]{1,32}/${key}{60,255}`, "/api/webhooks/"),
  row(
    "jwt",
    String.raw`(?:ghs_[0-9]{1,20}_)?eyJ(?:(?!eyJ)${key}){8,4096}\.eyJ${key}{8,8192}\.${key}{8,2048}`,
    "eyJ",
  ),
  // A header alone is a word about keys; with a line of base64 beneath it, it is a key.
  row(
    "private-key",
    "-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----(?=[^]{0,512}?[A-Za-z0-9+/]{32})(?:[^-]|-(?!----)){0,65536}(?:-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----)?",
    "PRIVATE KEY",
  ),
  ...servicePatterns.map(([name, source, needs]) => row(name, source, needs)),
];

function row(name: string, source: string, needs: string): SecretPattern {
  return { name, pattern: new RegExp(source, "g"), needs, score: name === "jwt" ? 0.8 : 0.95 };
}
