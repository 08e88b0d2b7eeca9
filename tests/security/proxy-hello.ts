/** What a first message of TLS says; the rest of it is as clients say it. */
export interface Hello {
  /** The list of the server's names; of each its kind and what it is. */
  readonly names?: readonly (readonly [number, string])[];
  /** Kind and content of more extensions, before the names. */
  readonly more?: readonly (readonly [number, Buffer])[];
  /** Behind the message, in the same record. */
  readonly behind?: Buffer;
  /** Where the message is cut into records. */
  readonly recordBytes?: number;
}

export function helloFor(name: string, changes: Hello = {}): Buffer {
  return helloOf({ names: [[0, name]], ...changes });
}

export function helloOf({ names, more = [], behind, recordBytes = 16_384 }: Hello): Buffer {
  const list = (names ?? []).map(([kind, name]) =>
    Buffer.concat([Buffer.from([kind]), sized(2, Buffer.from(name, "latin1"))]),
  );
  const extensions = [
    ...more,
    ...(names ? [[0, sized(2, Buffer.concat(list))] as const] : []),
    // Supported versions, TLS 1.3; and a protocol.
    [43, Buffer.from([2, 3, 4])] as const,
    [16, sized(2, sized(1, Buffer.from("http/1.1")))] as const,
  ].map(([kind, content]) => Buffer.concat([number(2, kind), sized(2, content)]));
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32, 8)),
    sized(2, Buffer.from([0x13, 0x01])),
    sized(1, Buffer.from([0])),
    sized(2, Buffer.concat(extensions)),
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(3, body), behind ?? Buffer.alloc(0)]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += recordBytes) {
    const part = message.subarray(at, at + recordBytes);
    records.push(Buffer.concat([Buffer.from([22, 3, 1]), sized(2, part)]));
  }
  return Buffer.concat(records);
}

function sized(width: number, content: Buffer): Buffer {
  return Buffer.concat([number(width, content.length), content]);
}

function number(width: number, value: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}
