/** What a name says that its value is: something that a person remembers, or that was made at random. */
export type NamedKind = "secret:password" | "secret:token";

/** `DB_PASSWORD`, `clientSecret`, `x-api-key`; not `nextPageToken`, `token_type` or `secret_id`. */
export function kindOfName(name: string): NamedKind | undefined {
  const words = wordsOf(name);
  if (words.some((word) => harmless.has(word))) return undefined;
  if (words.some((word) => isPassword.test(word))) return "secret:password";
  if (words.at(-1) === "pass" && words.length > 1) return "secret:password";
  return isToken.test(words.join(" ")) ? "secret:token" : undefined;
}

const isPassword = /(?:passwor[dt]|passwd|passphrase|pwd)$/;
const isToken =
  /(?:tokens?|secrets?|api ?keys?|(?:access|secret|private|auth|encryption|signing|master|account|service|storage|session) ?keys?|credentials?)$/;

/** Of what is said of a secret, or handed out to everybody. */
const harmless: ReadonlySet<string> = new Set(
  [
    "page next prev previous cursor continuation sync csrf xsrf public type id ids name names url uri",
    "endpoint path file dir field fields length len size count max min limit total used usage rate",
    "expires expiry expiration ttl regex pattern format header prefix suffix hint policy algorithm",
    "label title description placeholder hash digest input output prompt completion start end pad",
  ].flatMap((line) => line.split(" ")),
);

function wordsOf(name: string): readonly string[] {
  const apart = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return apart.split(/[^a-z0-9]+/).filter((word) => word !== "");
}
