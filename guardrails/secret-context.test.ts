import { test } from "tap";
import { documentOf, noContext } from "./detector.ts";
import { kindOfName } from "./secret-names.ts";
import { secretsDetector } from "./secrets.ts";
import { body, hex } from "./testing/service-samples.ts";

const found = async (text: string, path = "/a"): Promise<string[]> => {
  const findings = await secretsDetector.detect(documentOf(text, path), noContext);
  return findings.map(({ kind, start, end }) => `${kind.slice(7)} ${text.slice(start, end)}`);
};

/** Of no service's shape. */
const random = body(24, "q7Rk2vX9mB4tZ8nW");
const password = "tr0ub4dor&3";

test("what a name says is secret and is no word is found, without its name", async (t) => {
  for (const [before, secret, after] of [
    ["password = ", password, ""],
    ['{"password": "', password, '"}'],
    ["PGPASSWORD=", "hunter22", " psql"],
    ["DB_PASS: '", password, "'"],
    ["Server=db;User Id=sa;Password=", "Sommer2026!", ";Encrypt=yes"],
    ["mysql --password ", "hunter22", " -u root"],
    ["const dbPassword = `", password, "`;"],
    ["passphrase: ", "7blueHorses", "\n"],
  ] as const) {
    t.same(await found(before + secret + after), [`password ${secret}`], before);
  }
  for (const [before, after] of [
    ["API_KEY=", "\n"],
    ['"clientSecret": "', '",'],
    ["x-api-key: ", "\r\n"],
    ["tool --token ", " go"],
    ["export SECRET_KEY='", "'"],
    ["access_token => ", ""],
    ["encryption.key := ", ""],
  ] as const) {
    t.same(await found(before + random + after), [`token ${random}`], before);
    const digits = body(32, hex);
    t.same(await found(before + digits + after), [`token ${digits}`], before);
  }
  const basic = Buffer.from(`jane:${password}`).toString("base64");
  t.match(await found(`Authorization: Bearer ${random}`), [`authorization ${random}`]);
  t.match(await found(`curl -H "authorization: basic ${basic}"`), [`authorization ${basic}`]);
});

test("the name of the field is such a name", async (t) => {
  t.same(await found(password, "/users/0/password"), [`password ${password}`]);
  t.same(await found(random, "/apiKeys/0"), [`token ${random}`]);
  t.same(await found(random, "/credentials/1"), [`token ${random}`]);
  t.same(await found(random, "/nextPageToken"), []);
  t.same(await found(password, "/password/~k0"), [], "a key is not its parent's value");
});

test("names that only speak of secrets name none", (t) => {
  for (const name of [
    "token_type",
    "secret_id",
    "max_tokens",
    "nextPageToken",
    "csrfToken",
    "key",
  ]) {
    t.equal(kindOfName(name), undefined, name);
  }
  for (const name of [
    "passwordHint",
    "public_key",
    "token_url",
    "primary_key",
    "bypass",
    "compass",
  ]) {
    t.equal(kindOfName(name), undefined, name);
  }
  t.end();
});

test("documentation, code and placeholders hold no secret", async (t) => {
  for (const text of [
    "password: string; token: string; secret: Optional[bool]",
    "password = var.db_password2; token = tokens[1]; secret = get_secret_key2()",
    'const token = c.env.TOKEN2; api_key = "$API_KEY_1"; password=<value1>',
    'password = "changeme1"; token = "your-token-1234567890"; api_key: xxxxxxxxxxxx1234',
    "The password: at least 8 characters. Your token is in the header. Bearer authentication",
    "token=SL_TOKEN_1 secret=/run/secrets/db1 key=https://example.com/a1b2c3d4e5f6g7h8",
    'primary_key: "a1b2c3d4e5f6a7b8c9d0", sha256 = "9e107d9d372bb6826bd81d3542a419d6"',
    "token = AntiForgeryValidatorFactory and secret: theQuickBrownFoxJumps2",
    "max_tokens=4096 token_count: 1234567890123456 page_token=CAUQAA1234567890abcd",
    "Authorization: Bearer <token>, Basic authentication1, basic understanding",
  ]) {
    t.same(await found(text), [], text);
  }
});

test("attack: encoded or with invisible characters between they are found all the same", async (t) => {
  const text = `password = "${password}"`;
  const encoded = Buffer.from(text).toString("base64");
  t.match(await found(`see ${encoded} there`), [`password ${encoded}`]);
  t.match(await found(`pass\u200bword = "${password}"`), [`password ${password}`]);
});

test("attack: a million characters made for these patterns are read in linear time", async (t) => {
  for (const piece of [
    ...["password", "password=", "password = ", 'token: "', "--token ", "a.", "bearer ", "basic a"],
    ...["api_key=>", "a-b_c.d", "key=a1b2c3d4e5f6g7h8;", "token\t\t\t\t", 'pwd="""""'],
  ]) {
    const text = piece.repeat(1_000_000 / piece.length);
    const document = documentOf(text, "/token");
    document.views();
    const started = process.cpuUsage();
    await secretsDetector.detect(document, noContext);
    const { user } = process.cpuUsage(started);
    t.ok(user < 10_000_000, `${piece} ${user}`);
  }
});
