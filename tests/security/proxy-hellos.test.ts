import { test } from "tap";
import { ClientHello } from "../../sandbox/broker/http/client-hello.ts";
import { titleOf } from "./catalogue.ts";
import { helloFor, helloOf } from "./proxy-hello.ts";

// Ring 8, the broker: the first words of a tunnel are read in one way, or not at all.

const list = Buffer.from("000a0000076f6b2e74657374", "hex");

/** A hello of one record, with a byte more in it, which each length up to `depth` knows of. */
function longer(hello: Buffer, depth: "record" | "hello"): Buffer {
  const bytes = Buffer.concat([hello, Buffer.from([0])]);
  bytes.writeUInt16BE(bytes.readUInt16BE(3) + 1, 3);
  if (depth === "hello") bytes.writeUIntBE(bytes.readUIntBE(6, 3) + 1, 6, 3);
  return bytes;
}

const odd: Readonly<Record<string, readonly [bytes: Buffer, reason: RegExp]>> = {
  "a record of nothing": [Buffer.from([22, 3, 1, 0, 0]), /no size/],
  "a record larger than records are": [Buffer.from([22, 3, 1, 0x40, 0x01]), /no size/],
  "a hello longer than any": [Buffer.from([22, 3, 1, 0, 4, 1, 0, 0x40, 0]), /too long/],
  "a byte behind the hello": [longer(helloFor("ok.test"), "record"), /behind the hello/],
  "a byte behind its extensions": [longer(helloFor("ok.test"), "hello"), /more than they say/],
  "a byte behind the list of names": [
    helloOf({ more: [[0, Buffer.concat([list, Buffer.from([0])])]] }),
    /more than they say/,
  ],
  "a list of names that ends too soon": [
    helloOf({ more: [[0, list.subarray(0, -1)]] }),
    /end too soon/,
  ],
  "no hello": [Buffer.from([22, 3, 1, 0, 1, 2]), /no hello/],
};
for (const [name, [bytes, reason]] of Object.entries(odd)) {
  test(`${titleOf("X53")}: first bytes with ${name}`, (t) => {
    const denied = { code: "EGRESS_DENIED", message: reason };
    t.throws(() => new ClientHello().push(bytes), denied);
    const hello = new ClientHello();
    t.throws(() => {
      for (const byte of bytes) hello.push(Buffer.of(byte));
    }, denied);
    t.end();
  });
}

test("the same list in its place is a name", (t) => {
  t.equal(new ClientHello().push(helloOf({ more: [[0, list]] })), "ok.test");
  t.end();
});
