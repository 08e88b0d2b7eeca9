/** Keys of services by the prefix that each gives its own: name, pattern, what every one holds. */
export type ServicePattern = readonly [name: string, source: string, needs: string];

const key = "[A-Za-z0-9_-]";
const plain = "[A-Za-z0-9]";
const hex = "[A-Fa-f0-9]";

/** What the preset does not look for at all. */
export const servicePatterns: readonly ServicePattern[] = [
  // Models.
  ["openrouter", `sk-or-v1-${hex}{48,128}`, "sk-"],
  ["deepseek", `sk-${hex}{32}`, "sk-"],
  ["langfuse", `sk-lf-${hex}{8}-${hex}{4}-${hex}{4}-${hex}{4}-${hex}{12}`, "sk-"],
  ["elevenlabs", `sk_${hex}{48}`, "sk_"],
  ["xai", `xai-${plain}{64,255}`, "xai-"],
  ["perplexity", `pplx-${plain}{40,255}`, "pplx-"],
  ["replicate", `r8_${plain}{36,64}`, "r8_"],
  ["pinecone", `pcsk_[A-Za-z0-9_]{40,255}`, "pcsk_"],
  ["langsmith", `lsv2_(?:pt|sk)_${hex}{32}_${hex}{10}`, "lsv2_"],
  ["tavily", `tvly-(?:dev-|prod-)?${plain}{28,255}`, "tvly-"],
  ["nvidia", `nvapi-${key}{60,128}`, "nvapi-"],
  ["aws-bedrock", "ABSK[A-Za-z0-9+/]{100,300}={0,2}", "ABSK"],
  // Clouds and where code runs.
  ["azure-client", "[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,40}", "Q~"],
  ["heroku", `HRKU-AA${key}{50,70}`, "HRKU-AA"],
  ["fly", `fo1_${key}{43}|fm[12][ar]?_[A-Za-z0-9+/=]{100,2048}`, "fo1_|fm[12]"],
  ["netlify", `nf[pc]_${plain}{36,64}`, "nf[pc]_"],
  ["render", `rnd_${plain}{28,64}`, "rnd_"],
  ["supabase", `sbp_${hex}{40}|sb_secret_${key}{20,64}`, "sbp_|sb_secret_"],
  ["planetscale", `pscale_(?:tkn|pw|oauth)_${key}{32,64}`, "pscale_"],
  ["terraform", String.raw`${plain}{14}\.atlasv1\.${key}{60,80}`, "atlasv1"],
  ["pulumi", `pul-${hex}{40}`, "pul-"],
  [
    "doppler",
    String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{40,64}`,
    String.raw`dp\.[a-z]{2}`,
  ],
  ["openshift", `sha256~${key}{43}`, "sha256~"],
  ["cloudflare-origin", String.raw`v1\.0-${hex}{24}-${hex}{146}`, String.raw`v1\.0-`],
  ["age", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", "AGE-SECRET"],
  // Packages and work.
  ["docker", `dckr_oat_${key}{27,255}`, "dckr_oat_"],
  ["rubygems", `rubygems_${hex}{48}`, "rubygems_"],
  ["nuget", `oy2[a-z0-9]{43}`, "oy2[a-z0-9]{43}"],
  ["artifactory", `AKCp${plain}{60,80}`, "AKCp"],
  ["atlassian", `ATATT3[A-Za-z0-9_=-]{80,255}|ATBB${plain}{32}`, "ATATT3|ATBB"],
  ["airtable", String.raw`pat${plain}{14}\.${hex}{64}`, String.raw`pat[A-Za-z0-9]{14}\.`],
  ["postman", `PMAK-${hex}{24}-${hex}{34}`, "PMAK-"],
  ["sentry", `sntry[su]_[A-Za-z0-9+/=_-]{60,512}`, "sntry[su]_"],
  ["new-relic", "NRAK-[A-Z0-9]{27}", "NRAK-"],
  ["dynatrace", String.raw`dt0c01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}`, "dt0c01"],
  ["sourcegraph", `sgp_(?:(?:${hex}{16}|local)_)?${hex}{40}`, "sgp_"],
  ["dropbox", String.raw`sl\.[A-Za-z0-9=_-]{130,2048}`, String.raw`sl\.[A-Za-z0-9=_-]{130}`],
  [
    "discord",
    String.raw`[MNO]${key}{22,27}\.${key}{6}\.${key}{27,40}`,
    String.raw`\.${key}{6}\.${key}{27}`,
  ],
  // Money and mail.
  ["square", `sq0(?:atp|csp)-${key}{22,43}|EAAA${key}{60}`, "sq0|EAAA"],
  ["easypost", `EZ[AT]K${plain}{54}`, "EZ[AT]K"],
  ["shippo", `shippo_(?:live|test)_${hex}{40}`, "shippo_"],
  ["twilio", `SK${hex}{32}`, "SK[A-Fa-f0-9]{32}"],
  ["mailgun", `key-${hex}{32}`, "key-[A-Fa-f0-9]{32}"],
  ["mailchimp", `${hex}{32}-us[0-9]{1,2}`, "[A-Fa-f0-9]-us[0-9]"],
  ["hubspot", `pat-(?:na|eu)[0-9]-${hex}{8}-${hex}{4}-${hex}{4}-${hex}{4}-${hex}{12}`, "pat-"],
  ["facebook", `EAA[MC]${plain}{100,512}`, "EAA[MC]"],
  ["typeform", `tfp_[A-Za-z0-9_.=-]{40,80}`, "tfp_"],
  [
    "basicauth",
    String.raw`://[^\s:/@"'<>]{0,256}:(?!pass|pw|secret|[*$<{%]|x{3})[^\s:/@"'<>]{6,256}@[A-Za-z0-9_.-]{0,253}`,
    String.raw`:\/\/[^:\/\s]{0,256}:[^@\/\s]{1,256}@`,
  ],
];
