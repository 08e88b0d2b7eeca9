import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

/**
 * Reads the first words of a TLS connection, in whatever pieces they come, and nothing more: which
 * host they name. Whatever two readers could read in two ways is refused.
 */
export class ClientHello {
  readonly #raw: Buffer = Buffer.alloc(containerLimits.helloBytes);
  /** The message alone, without the heads of the records that it comes in. */
  readonly #message: Buffer = Buffer.alloc(containerLimits.helloBytes);
  /** Of the last portion, what was not looked at. */
  #rest: Buffer = Buffer.alloc(0);
  #rawLength = 0;
  #messageLength = 0;
  /** Where the next record begins. */
  #at = 0;

  /** All bytes so far. */
  get bytes(): Buffer {
    return Buffer.concat([this.#raw.subarray(0, this.#rawLength), this.#rest]);
  }

  /**
   * The name, when the message is whole.
   *
   * @throws {Refusal} `EGRESS_DENIED`.
   */
  push(chunk: Buffer): string | undefined {
    const taken = chunk.copy(this.#raw, this.#rawLength);
    this.#rawLength += taken;
    this.#rest = chunk.subarray(taken);
    while (this.#takeRecord()) {
      const message = this.#message.subarray(0, this.#messageLength);
      if (isWhole(message)) return nameIn(message);
    }
    if (this.#rawLength === this.#raw.length) throw denied("are too long");
    return undefined;
  }

  /** False where the next record has not arrived. */
  #takeRecord(): boolean {
    const rest = this.#raw.subarray(this.#at, this.#rawLength);
    refuseOtherRecord(rest);
    if (rest.length < recordHead) return false;
    const length = rest.readUInt16BE(3);
    if (length === 0 || length > recordBytes) throw denied("come in records of no size");
    if (rest.length < recordHead + length) return false;
    rest.copy(this.#message, this.#messageLength, recordHead, recordHead + length);
    this.#messageLength += length;
    this.#at += recordHead + length;
    return true;
  }
}

/** Kind, version and length of a record. */
const recordHead = 5;
const recordBytes = 16_384;
const handshake = 22;
const clientHello = 1;

/** As soon as the first bytes show it. */
function refuseOtherRecord(rest: Buffer): void {
  if (rest.length > 0 && rest[0] !== handshake) throw denied("are no TLS");
  if (rest.length > 1 && rest[1] !== 3) throw denied("are no TLS that is known");
}

function isWhole(message: Buffer): boolean {
  if (message[0] !== clientHello) throw denied("are no hello");
  if (message.length < 4) return false;
  const length = 4 + message.readUIntBE(1, 3);
  if (length > containerLimits.helloBytes) throw denied("are too long");
  if (message.length > length) throw denied("go on behind the hello");
  return message.length === length;
}

/** The one host that the extension of the server's name names. */
function nameIn(message: Buffer): string {
  const extensions = extensionsOf(message.subarray(4));
  for (const kind of hidden) {
    if (extensions.has(kind)) throw denied("hide a second hello");
  }
  const names = new Reader(extensions.get(serverName) ?? Buffer.alloc(0));
  const list = new Reader(names.take(2));
  names.end();
  if (list.number(1) !== 0) throw denied("name no host");
  const name = list.take(2);
  list.end();
  return name.toString("latin1");
}

const serverName = 0;
/** Encrypted hellos, of the standard and of drafts; also where they are made up. */
const hidden: readonly number[] = [
  ...[0xfe_08, 0xfe_09, 0xfe_0a, 0xfe_0b, 0xfe_0c, 0xfe_0d],
  ...[0xfd_00, 0xff_ce],
];

function extensionsOf(hello: Buffer): ReadonlyMap<number, Buffer> {
  const reader = new Reader(hello);
  // Version and random.
  reader.skip(2 + 32);
  // Session, suites, compressions.
  for (const width of [1, 2, 1]) reader.take(width);
  const list = new Reader(reader.take(2));
  reader.end();
  const extensions = new Map<number, Buffer>();
  while (!list.isAtEnd) {
    const kind = list.number(2);
    if (extensions.has(kind)) throw denied("say something twice");
    extensions.set(kind, list.take(2));
  }
  return extensions;
}

/** Numbers, and bytes behind their length. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  skip(count: number): Buffer {
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    if (part.length < count) throw denied("end too soon");
    this.#at += count;
    return part;
  }

  number(width: number): number {
    return this.skip(width).readUIntBE(0, width);
  }

  take(width: number): Buffer {
    return this.skip(this.number(width));
  }

  end(): void {
    if (!this.isAtEnd) throw denied("hold more than they say");
  }
}

function denied(what: string): Refusal {
  return new Refusal("EGRESS_DENIED", `the first bytes of the tunnel ${what}`);
}
