import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import type { SecretBinding } from "../../manifests/secret.ts";
import { createSecrets } from "./create-secrets.ts";
import type { StoredSecret } from "./sealed-secrets.ts";
import { type NamedSecret, type SecretOrigin, secretsConfigSchema } from "./secrets-config.ts";
import { changeSecretsFile, readSecretsFile, type SecretsPlace } from "./secrets-file.ts";
import { keyVariable } from "./secrets-key.ts";

const binding: SecretBinding = {
  tools: ["ticket.find"],
  principals: ["*"],
  to: { scheme: "https", host: "desk.test", ports: [443], methods: ["GET"], path: "/" },
  place: { query: "key" },
};
const stored: StoredSecret = {
  name: "desk",
  binding,
  value: "abcd1234",
  createdAt: 1,
  changedAt: 1,
};

function placeIn(t: Test, env: Readonly<Record<string, string>> = {}): SecretsPlace {
  const folder = t.testdir({});
  return { folder, keyFile: join(folder, "secrets.key"), env: (name) => env[name] };
}

test("the encrypted file is made with a key of its own, for its owner alone, and read again", async (t) => {
  const place = placeIn(t);
  t.strictSame(readSecretsFile(place), [], "no file, no secrets, no key asked for");
  t.strictSame(await changeSecretsFile(place, async () => [stored]), { madeKey: true });
  t.strictSame(await changeSecretsFile(place, async (all) => all), { madeKey: false });
  const secrets = createSecrets(secretsConfigSchema.parse({}), place);
  t.strictSame(await secrets.read("desk"), { binding, value: "abcd1234" });
  t.strictSame(await secrets.binding("desk"), binding);
  t.equal(await secrets.read("other"), undefined);
  t.equal(await secrets.read("__proto__"), undefined);
  for (const name of readdirSync(place.folder)) {
    t.notOk(readFileSync(join(place.folder, name)).includes("abcd1234"), name);
  }
  await changeSecretsFile(place, async () => []);
  t.equal(await secrets.read("desk"), undefined, "what is removed is gone for the next request");
});

test("a change that fails changes nothing, and lets go of the lock", async (t) => {
  const place = placeIn(t);
  await changeSecretsFile(place, async () => [stored]);
  await t.rejects(
    changeSecretsFile(place, () => Promise.reject(new Error("no"))),
    /no/,
  );
  t.equal(readSecretsFile(place).length, 1);
  await changeSecretsFile(place, async () => []);
});

test("without its key, or under a wrong one, the file is refused and says where to look", async (t) => {
  const hex = randomBytes(32).toString("hex");
  const place = placeIn(t, { [keyVariable]: hex });
  t.strictSame(await changeSecretsFile(place, async () => [stored]), { madeKey: false });
  t.notOk(existsSync(place.keyFile), "the environment's key is written nowhere");
  const bare = { ...place, env: () => undefined };
  t.throws(() => readSecretsFile(bare), /the key of the secrets is not there \(set RINGWARD/);
  const other = { ...place, env: () => randomBytes(32).toString("base64url") };
  t.throws(() => readSecretsFile(other), /is under another key/);
  const secrets = createSecrets(secretsConfigSchema.parse({}), other);
  await t.rejects(secrets.read("desk"), { code: "SECRET_UNAVAILABLE" });
  await t.rejects(secrets.binding("desk"), { code: "SECRET_UNAVAILABLE" });
  await t.rejects(
    changeSecretsFile(other, async () => []),
    /is under another key/,
  );
  t.equal(readSecretsFile(place).length, 1, "and nothing was written over it");
});

const keys: readonly [string, string][] = [
  ["a passphrase", "correct horse battery staple"],
  ["a short key", randomBytes(31).toString("base64")],
  ["a long key", randomBytes(33).toString("base64")],
  ["a key with more behind it", `${randomBytes(32).toString("base64")}!`],
];
for (const [name, text] of keys) {
  test(`${name} is no key`, async (t) => {
    const place = placeIn(t, { [keyVariable]: text });
    const change = changeSecretsFile(place, async () => [stored]);
    await t.rejects(change, /RINGWARD_SECRETS_KEY: not a key of 32 random bytes/);
  });
}

test("a key file that others can read, or that is a link, is refused", async (t) => {
  const place = placeIn(t);
  await changeSecretsFile(place, async () => [stored]);
  chmodSync(place.keyFile, 0o640);
  t.throws(() => readSecretsFile(place), /others can read or change this key \(chmod 600/);
  chmodSync(place.keyFile, 0o600);
  const link = join(place.folder, "link.key");
  symlinkSync(place.keyFile, link);
  t.throws(
    () => readSecretsFile({ ...place, keyFile: link }),
    /others can read or change this key/,
  );
});

const onlyRoot = process.getuid?.() === 0 ? false : "only root can give a file away";

test("a key file of somebody else is refused, and whose it is is said", {
  skip: onlyRoot,
}, async (t) => {
  const place = placeIn(t);
  await changeSecretsFile(place, async () => [stored]);
  chownSync(place.keyFile, 65_534, 65_534);
  t.throws(() => readSecretsFile(place), /secrets\.key: it belongs to user id 65534 \(run this as/);
});

const node = process.execPath;
function named(from: SecretOrigin): { readonly named: Record<string, NamedSecret> } {
  return { named: { outside: { from, binding } } };
}
const program = (code: string): SecretOrigin => ({ command: [node, "-e", code] });

test("a secret of the environment or of a program is read when it is needed", async (t) => {
  const env: Record<string, string> = { DESK: "first-value", PATH: "/usr/bin", OTHER: "x" };
  const place = { ...placeIn(t), env: (name: string) => env[name] };
  const own = createSecrets(named({ environment: "DESK" }), place);
  t.strictSame(await own.read("outside"), { binding, value: "first-value" });
  env["DESK"] = "second-value";
  t.equal((await own.read("outside"))?.value, "second-value");
  // Without what the test runner puts into every process that a test starts.
  const names = "Object.keys(process.env).filter((name) => !/^(?:_TAPJS|NODE_OPTIONS)/.test(name))";
  const shown = `console.log(['variables', ...${names}.sort()].join('-'))`;
  const given = createSecrets(named(program(shown)), place);
  t.equal((await given.read("outside"))?.value, "variables-PATH", "no variable that is not named");
  const asked = named({ command: [node, "-e", shown], environment: ["DESK", "MISSING"] });
  t.equal((await createSecrets(asked, place).read("outside"))?.value, "variables-DESK-PATH");
  const literal = named({
    command: [node, "-p", "process.argv[1]", "$(touch gone); `touch gone` | x"],
  });
  t.equal(
    (await createSecrets(literal, place).read("outside"))?.value,
    "$(touch gone); `touch gone` | x",
    "no shell",
  );
});

const failing: readonly [string, SecretOrigin, RegExp][] = [
  ["a variable that is not set", { environment: "NONE" }, /NONE is not set/],
  ["a program that is not there", { command: ["/no/such"] }, /failed \(ENOENT\)/],
  ["a program that fails", program("console.log('canary-value'); process.exit(3)"), /exit code 3/],
  ["a program that says too much", program("console.log('x'.repeat(1e6))"), /failed \(ERR_CHILD/],
  ["a short secret", program("console.log('short')"), /at least 8 letters and digits/],
  ["two lines", program("console.log('longenough\\nsecond')"), /one line of printable ASCII/],
  ["nothing", program(""), /one line/],
];
for (const [name, from, why] of failing) {
  test(`${name} is no secret, and the reason holds nothing of it`, async (t) => {
    const secrets = createSecrets(named(from), placeIn(t));
    const error = await secrets.read("outside").then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    t.match(error, { code: "SECRET_UNAVAILABLE", cause: { message: why } });
    t.notMatch(inspect(error, { depth: 5 }), /canary-value|longenough/);
    t.strictSame(await secrets.binding("outside"), binding, "the binding needs no value");
  });
}

test("a value of the largest size is a secret, one byte more is none", async (t) => {
  const most = program(`console.log('x'.repeat(${limits.secretChars}))`);
  const more = program(`console.log('x'.repeat(${limits.secretChars + 1}))`);
  const place = placeIn(t);
  t.equal(
    (await createSecrets(named(most), place).read("outside"))?.value.length,
    limits.secretChars,
  );
  await t.rejects(createSecrets(named(more), place).read("outside"), {
    code: "SECRET_UNAVAILABLE",
  });
});

test("values that are held are those of now; a program's from the time on at which it was asked", async (t) => {
  const place = placeIn(t, { TOKEN: "from-the-environment", SHORT: "abc" });
  const from = (origin: SecretOrigin): NamedSecret => ({ from: origin, binding });
  const secrets = createSecrets(
    secretsConfigSchema.parse({
      named: {
        token: from({ environment: "TOKEN" }),
        short: from({ environment: "SHORT" }),
        missing: from({ environment: "MISSING" }),
        said: from({ command: [process.execPath, "-p", "'said-by-a-program'"] }),
      },
    }),
    place,
  );
  t.strictSame(secrets.held(), ["from-the-environment"]);
  await changeSecretsFile(place, async () => [stored]);
  t.strictSame(secrets.held(), ["abcd1234", "from-the-environment"]);
  await changeSecretsFile(place, async () => [{ ...stored, value: "dcba4321" }]);
  await secrets.read("said");
  const all = ["dcba4321", "from-the-environment", "said-by-a-program"];
  t.strictSame(secrets.held(), all);
  await changeSecretsFile(place, async () => []);
  t.strictSame(secrets.held(), all.slice(1));
});

test("values that cannot be read any more stay held", async (t) => {
  const place = placeIn(t);
  await changeSecretsFile(place, async () => [stored]);
  const secrets = createSecrets(secretsConfigSchema.parse({}), place);
  t.strictSame(secrets.held(), ["abcd1234"]);
  writeFileSync(join(place.folder, "secrets.sealed"), "not sealed");
  t.strictSame(secrets.held(), ["abcd1234"]);
  await t.rejects(secrets.read("desk"), { code: "SECRET_UNAVAILABLE" });
});
