import { Duplex } from "node:stream";
import { connect } from "node:tls";
import fc from "fast-check";
import { test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { ClientHello } from "./client-hello.ts";

const seed = 20_261_123;

/** What Node's own client says first. */
function helloOf(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        resolve(chunk);
        done();
      },
    });
    connect({ socket: wire, servername }).on("error", () => undefined);
  });
}

/** The name, `nothing` where more has to come, or the code of the refusal. */
function read(chunks: readonly Buffer[]): string {
  const hello = new ClientHello();
  try {
    for (const chunk of chunks) {
      const name = hello.push(chunk);
      if (name !== undefined) return name;
    }
    return "nothing";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test("reads the host that a client names, in whatever pieces it comes", async (t) => {
  const bytes = await helloOf("api.example");
  t.comment(`seed ${seed}`);
  const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 });
  fc.assert(
    fc.property(cuts, (at) => {
      const ends = [0, ...at, bytes.length].sort((a, b) => a - b);
      const chunks = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
      return read(chunks) === "api.example";
    }),
    { seed },
  );
  for (let length = 0; length < bytes.length; length += 1) {
    if (read([bytes.subarray(0, length)]) !== "nothing") t.fail(`${length} bytes`);
  }
});

test("whatever is changed in it, it is a name, a refusal, or not yet whole", async (t) => {
  const bytes = await helloOf("api.example");
  t.comment(`seed ${seed}`);
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = Buffer.from(bytes);
      for (const [at, byte] of changes) changed[at] = byte;
      read([changed]);
    }),
    { seed, numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (some) => {
      const said = read([Buffer.from([22, 3, 1, 0, some.length]), Buffer.from(some)]);
      return said === "nothing" || said === "EGRESS_DENIED";
    }),
    { seed, numRuns: 2_000 },
  );
});

test("what is not whole at the limit is refused, and what follows a whole one is kept", async (t) => {
  const rest = Buffer.alloc(100_000, 7);
  const bytes = await helloOf("api.example");
  const hello = new ClientHello();
  t.equal(hello.push(Buffer.concat([bytes, rest])), "api.example");
  t.strictSame(hello.bytes, Buffer.concat([bytes, rest]));
  const endless = Buffer.alloc(containerLimits.helloBytes);
  Buffer.from([22, 3, 1, 0x40, 0x00, 1, 0, 0x3f, 0xfc]).copy(endless);
  t.equal(read([endless.subarray(0, -1)]), "nothing");
  t.equal(read([endless]), "EGRESS_DENIED");
});
