const mixed = "aB3dE5gH7jK9mN2pQ4sT6vW8xY0zC1fL";

/** So many characters of an alphabet that no scanner takes for anything by itself. */
export const body = (length: number, alphabet: string = mixed): string =>
  alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
export const hex = "0a1b2c3d4e5f6789";

const uuid = [8, 4, 4, 4, 12].map((length) => body(length, hex)).join("-");

/** Keys as the patterns of `service-patterns.ts` know them, by their kind. */
export const serviceSamples: Readonly<Record<string, readonly string[]>> = {
  openrouter: [`sk-or-v1-${body(64, hex)}`],
  deepseek: [`sk-${body(32, hex)}`],
  langfuse: [`sk-lf-${uuid}`],
  elevenlabs: [`sk_${body(48, hex)}`],
  xai: [`xai-${body(80)}`],
  perplexity: [`pplx-${body(48)}`],
  replicate: [`r8_${body(37)}`],
  pinecone: [`pcsk_${body(6)}_${body(60)}`],
  langsmith: [`lsv2_pt_${body(32, hex)}_${body(10, hex)}`],
  tavily: [`tvly-dev-${body(32)}`],
  nvidia: [`nvapi-${body(64)}`],
  "aws-bedrock": [`ABSK${body(120)}=`],
  "azure-client": [`abc8Q~${body(34)}`],
  heroku: [`HRKU-AA${body(58)}`],
  fly: [`fo1_${body(43)}`],
  netlify: [`nfp_${body(36)}`],
  render: [`rnd_${body(32)}`],
  supabase: [`sbp_${body(40, hex)}`, `sb_secret_${body(31)}`],
  planetscale: [`pscale_tkn_${body(43)}`],
  terraform: [`${body(14)}.atlasv1.${body(67)}`],
  pulumi: [`pul-${body(40, hex)}`],
  doppler: [`dp.pt.${body(43)}`],
  openshift: [`sha256~${body(43)}`],
  "cloudflare-origin": [`v1.0-${body(24, hex)}-${body(146, hex)}`],
  age: [`AGE-SECRET-KEY-1${body(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}`],
  docker: [`dckr_oat_${body(32)}`],
  rubygems: [`rubygems_${body(48, hex)}`],
  nuget: [`oy2${body(43, "abc123def456ghi7")}`],
  artifactory: [`AKCp${body(69)}`],
  atlassian: [`ATATT3${body(186)}`, `ATBB${body(32)}`],
  airtable: [`pat${body(14)}.${body(64, hex)}`],
  postman: [`PMAK-${body(24, hex)}-${body(34, hex)}`],
  sentry: [`sntrys_${body(120)}`],
  "new-relic": [`NRAK-${body(27, "Q3EGR7XWZ5LNOPTY")}`],
  dynatrace: [`dt0c01.${body(24, "Q3EGR7XW")}.${body(64, "Q3EGR7XW")}`],
  sourcegraph: [`sgp_${body(40, hex)}`],
  dropbox: [`sl.${body(140)}`],
  discord: [`M${body(25)}.${body(6)}.${body(38)}`],
  square: [`sq0atp-${body(22)}`, `sq0csp-${body(43)}`, `EAAA${body(60)}`],
  easypost: [`EZAK${body(54)}`],
  shippo: [`shippo_live_${body(40, hex)}`],
  twilio: [`SK${body(32, hex)}`],
  mailgun: [`key-${body(32, hex)}`],
  mailchimp: [`${body(32, hex)}-us12`],
  hubspot: [`pat-na1-${uuid}`],
  facebook: [`EAAC${body(120)}`],
  typeform: [`tfp_${body(44)}`],
};
