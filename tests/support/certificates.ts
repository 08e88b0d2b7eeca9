import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its private key, for servers of tests. Node can read X.509 but not write it. */
export interface Certified {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certified {
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface Wanted {
  /** DNS names that it is for. */
  readonly names: readonly string[];
  /** Milliseconds since 1970; a year ago and a year on where they are left out. */
  readonly from?: number;
  readonly until?: number;
}

const yearMs = 31_536_000_000;

export function makeAuthority(name: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const isAuthority = extension("551d13", sequence(tagged(0x01, Buffer.from([0xff]))));
  const cert = certificate(
    { subject: name, issuer: name, publicKey, extensions: isAuthority },
    privateKey,
  );
  return { name, privateKey, cert, key: pem(privateKey) };
}

export function certify({ names, from, until }: Wanted, by: Authority): Certified {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const alternatives = names.map((name) => tagged(0x82, Buffer.from(name, "latin1")));
  const extensions = extension("551d11", sequence(...alternatives));
  const subject = names[0] ?? "";
  const body = { subject, issuer: by.name, publicKey, extensions, from, until };
  return { cert: certificate(body, by.privateKey), key: pem(privateKey) };
}

interface Body {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly extensions: Buffer;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

function certificate(body: Body, signer: KeyObject): string {
  const { from = Date.now() - yearMs, until = Date.now() + yearMs } = body;
  const algorithm = sequence(objectId("2a8648ce3d040302"));
  const signed = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(body.issuer),
    sequence(time(from), time(until)),
    distinguishedName(body.subject),
    body.publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(body.extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", signed, signer)]);
  const whole = sequence(signed, algorithm, tagged(0x03, signature));
  const lines = whole
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), tagged(0x04, value));
}

function distinguishedName(name: string): Buffer {
  const common = sequence(objectId("550403"), tagged(0x0c, Buffer.from(name)));
  return sequence(tagged(0x31, common));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "");
  return tagged(0x18, Buffer.from(digits));
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

/** DER: a tag, a length in the fewest bytes, and what it is about. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length: size } = content;
  return Buffer.concat([Buffer.from([tag, ...lengthOf(size)]), content]);
}

function lengthOf(size: number): readonly number[] {
  if (size < 0x80) return [size];
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 255];
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
