import { body, hex, serviceSamples } from "./service-samples.ts";

/**
 * Texts with a secret in the shape of each provider's. None was ever valid; they are put
 * together here so that no scanner of source code trips over them.
 */
export interface SecretSample {
  /** What finds it: `secret:<kind>`. */
  readonly kind: string;
  /** Whether secretlint's preset finds it by itself, as it is configured out of the box. */
  readonly preset: boolean;
  readonly text: string;
  /** The part that must not survive redaction. */
  readonly secret: string;
}

const jwtParts = [`ey${body(30, "JhbGciOi")}`, `ey${body(40, "JzdWIiOi")}`, body(43)];
const pem = (label: string, content: string): string =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----`;
const onePassword = Buffer.from(JSON.stringify({ a: body(90), b: { c: body(40) } })).toString(
  "base64",
);

export const secretSamples: readonly SecretSample[] = [
  bare("ringward-key", false, `rw_host_${body(43)}`),
  bare("ringward-key", false, `rw_agent_${body(42)}-`),
  bare("ringward-key", false, `rw_operator_${body(43)}`),
  bare("ringward-key", false, `rw_auditor_${body(43)}`),
  bare("aws-key", false, `AKIA${body(16, "Q3EGR7XWZ5LNOPTY")}`),
  bare("aws-key", false, `ASIA${body(16, "Q3EGR7XWZ5LNOPTY")}`),
  within("aws-secret", true, [`AWS_SECRET_ACCESS_KEY=`, body(40)]),
  within("aws-secret", true, [`"secretAccessKey": "`, body(40)]),
  bare("google-api-key", false, `AIza${body(35)}`),
  bare("google-oauth", false, `GOCSPX-${body(28)}`),
  bare("google-oauth", false, `ya29.${body(80)}`),
  bare("github", true, `ghp_${body(36)}`),
  bare("github", true, `gho_${body(36)}`),
  bare("github", true, `github_pat_${body(22)}_${body(59)}`),
  within("github", true, ["https://", `${body(40)}:x-oauth-basic@github.com`]),
  bare("jwt", true, `ghs_12345_${jwtParts.join(".")}`),
  bare("jwt", false, jwtParts.join(".")),
  bare("gitlab", true, `glpat-${body(20)}`),
  bare("gitlab", false, `glrt-${body(20)}`),
  bare("gitlab", false, `gldt-${body(20)}`),
  bare("npm", true, `npm_${body(36)}`),
  within("npm", false, ["//registry.example/:_authToken=", body(36)]),
  bare("openai", true, `sk-${body(20)}T3BlbkFJ${body(20)}`),
  bare("openai", false, `sk-proj-${body(120)}`),
  bare("anthropic", true, `sk-ant-api03-${body(93)}AA`),
  bare("anthropic", false, `sk-ant-admin01-${body(93)}AB`),
  bare("stripe", true, `sk_live_${body(24)}`),
  bare("stripe", true, `rk_live_${body(24)}`),
  bare("stripe", false, `whsec_${body(32)}`),
  bare("slack", true, `xoxb-${body(12, "123456789012")}-${body(24)}`),
  bare("slack", true, `https://hooks.slack.com/services/T${body(8)}/B${body(8)}/${body(24)}`),
  bare("sendgrid", true, `SG.${body(22)}.${body(43)}`),
  bare("shopify", true, `shpat_${body(32, hex)}`),
  bare("grafana", true, `glsa_${body(32)}_${body(8, hex)}`),
  bare("groq", true, `gsk_${body(52)}`),
  bare("huggingface", true, `hf_${body(34, "abCdefGhijkLmnop")}`),
  bare("linear", true, `lin_api_${body(40)}`),
  bare("notion", true, `ntn_${body(11, "12345678901")}${body(35)}`),
  bare("1password", true, `ops_${onePassword}`),
  bare("hashicorp-vault", true, `hvs.${body(95)}`),
  bare("vercel", true, `vcp_${body(24)}`),
  bare("databricks", true, `dapi${body(32, hex)}`),
  bare("docker", true, `dckr_pat_${body(27)}`),
  bare("figma", true, `figd_${body(40)}`),
  bare("cloudflare", true, `cfut_${body(40)}${body(8, hex)}`),
  bare("tailscale", true, `tskey-auth-${body(12)}-${body(32)}`),
  bare("azure", false, `AccountKey=${body(86)}==`),
  bare("pypi", false, `pypi-AgEIcHlwaS5vcmc${body(60)}`),
  bare("digitalocean", false, `dop_v1_${body(64, hex)}`),
  bare("telegram", false, `123456789:AA${body(33)}`),
  within("discord", false, ["https://", `discord.com/api/webhooks/123456789012/${body(68)}`]),
  within("basicauth", false, ["redis://:", `${body(14)}@`]),
  within("basicauth", true, ["https://", `robert:${body(14)}@db.example.com`]),
  within("database-connection-string", true, ["postgres://", `admin:${body(14)}@db:5432/x`]),
  within("database-connection-string", true, ["mongodb+srv://", `admin:${body(14)}@db.example/x`]),
  within("database-connection-string", true, ["mysql://", `admin:${body(14)}@db.example/x`]),
  ...Object.entries(serviceSamples).flatMap(([kind, texts]) =>
    texts.map((text) => bare(kind, false, text)),
  ),
  bare("private-key", true, pem("RSA PRIVATE KEY", `MII${body(300)}`)),
  bare("private-key", true, pem("PRIVATE KEY", `MII${body(300)}`).replaceAll("\n", "\\n")),
  bare("private-key", true, pem("OPENSSH PRIVATE KEY", `b3BlbnNzaC1rZXktdjE${body(300)}`)),
  bare("private-key", false, pem("PGP PRIVATE KEY BLOCK", `Version: a-b\n\n${body(300)}\n=abcd`)),
  bare(
    "private-key",
    false,
    pem("RSA PRIVATE KEY", `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n${body(300)}`),
  ),
  // Cut off: the end is missing, the key is there.
  bare("private-key", false, `-----BEGIN EC PRIVATE KEY-----\n${body(120)}`),
];

function bare(kind: string, preset: boolean, secret: string): SecretSample {
  return { kind: `secret:${kind}`, preset, text: secret, secret };
}

function within(kind: string, preset: boolean, [prefix, secret]: Parts): SecretSample {
  return { kind: `secret:${kind}`, preset, text: `${prefix}${secret}`, secret };
}

type Parts = readonly [prefix: string, secret: string];
