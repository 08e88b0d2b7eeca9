import type { Mutation } from "./mutations.ts";

const findings = "tests/security/secrets-findings.test.ts";

export const secretsFindingsMutations: readonly Mutation[] = [
  {
    takesOut: "a secret that was taken from a principal is so for calls that have it",
    file: "sandbox/broker/secrets/secrets.ts",
    from: "mayUse(binding, this.#grant) && ",
    to: "",
    test: findings,
  },
  {
    takesOut: "base64 of wide characters is a spelling",
    file: "manifests/reflection-needles.ts",
    from: '    ...coresOf(Buffer.from(text, "utf16le"), base64),\n',
    to: "",
    test: findings,
  },
  {
    takesOut: "base64 of base64 is a spelling",
    file: "manifests/reflection-needles.ts",
    from: "    ...coresOf(bytes, base64).flatMap((core) => coresOf(Buffer.from(core), base64)),\n",
    to: "",
    test: findings,
  },
  {
    takesOut: "base32 is a spelling",
    file: "manifests/reflection-needles.ts",
    from: "    ...coresOf(bytes, base32),\n",
    to: "",
    test: findings,
  },
  {
    takesOut: "no part of an answer is asked for along with a secret",
    file: "sandbox/broker/http/secrets-in-request.ts",
    from: "if (secrets.areGiven) refuseParts(headers);",
    to: "if (taken.length > 0) refuseParts(headers);",
    test: findings,
  },
  {
    takesOut: "an answer to a secret is not asked for packed",
    file: "sandbox/broker/http/secrets-in-request.ts",
    from: 'if (taken.length > 0) filled.headers["accept-encoding"] = "identity";',
    to: "",
    test: findings,
  },
  {
    takesOut: "the length of what was packed is not told",
    file: "sandbox/broker/http/answer.ts",
    from: 'if ("content-encoding" in plain) delete plain["content-length"];',
    to: "",
    test: findings,
  },
  {
    takesOut: "a body with a secret is JSON to its server, too",
    file: "sandbox/broker/http/secrets-in-request.ts",
    from: "if (!isJson(request.headers)) return undefined;",
    to: "",
    test: findings,
  },
  {
    takesOut: "a header is what servers read it as",
    file: "sandbox/broker/http/request-headers.ts",
    from: 'return name.replace(/[^a-z0-9]/g, "-");',
    to: "return name;",
    test: findings,
  },
  {
    takesOut: "what a server reads in a secret is redacted",
    file: "sandbox/broker/secrets/secrets.ts",
    from: "[value, ...textsIn(value)]",
    to: "[value]",
    test: findings,
  },
  {
    takesOut: "requests at once read a secret once",
    file: "sandbox/broker/secrets/secrets.ts",
    from: "this.#reading.set(name, reading);",
    to: "",
    test: findings,
  },
];
