import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Test, test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { createResolver, type Resolve } from "../../sandbox/broker/http/resolver.ts";
import { listen } from "./broker-fetch-fixtures.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";

/** A resolver that gives these answers in turn, the last one again and again. */
function resolver(answers: readonly (readonly string[])[]): { asked: number; resolve: Resolve } {
  const state = {
    asked: 0,
    resolve(): Promise<readonly string[]> {
      const answer = answers[Math.min(state.asked, answers.length - 1)] ?? [];
      state.asked += 1;
      return Promise.resolve(answer);
    },
  };
  return state;
}

interface Asking {
  readonly port: number;
  readonly resolve: Resolve;
  readonly addresses?: readonly string[];
  readonly signal?: AbortSignal;
}

async function ask({
  port,
  resolve,
  addresses = ["127.0.0.0/8"],
  signal,
}: Asking): Promise<string> {
  const permission: NetPermission = {
    scheme: "http",
    host: "tool.test",
    ports: [port],
    methods: ["GET"],
    path: "/",
    addresses,
  };
  const broker = createBroker({
    workspace: "/nonexistent",
    hosts: {},
    protectedPaths: [],
    resolve,
  });
  const grant = grantOf({ permissions: { net: [permission], fs: [] } });
  const door = broker.open(grant, signal ?? new AbortController().signal);
  const code = await codeOf(door.request("fetch", { url: `http://tool.test:${port}/` }));
  await door.close();
  return code;
}

const answers: readonly [string, readonly string[], string][] = [
  ["a private address", ["10.0.0.1"], "EGRESS_DENIED"],
  ["a private address behind a public one", ["8.8.8.8", "10.0.0.1"], "EGRESS_DENIED"],
  [
    "a private address behind one that is granted",
    ["127.0.0.1", "169.254.169.254"],
    "EGRESS_DENIED",
  ],
  ["a mapped private address", ["::ffff:10.0.0.1"], "EGRESS_DENIED"],
  ["a scoped address", ["fe80::1%lo"], "EGRESS_DENIED"],
  ["a private address of the other family", ["127.0.0.1", "fd00::1"], "EGRESS_DENIED"],
  ["no address", [], "EGRESS_FAILED"],
  ["an address that is granted", ["127.0.0.1"], "done"],
];
for (const [name, answer, code] of answers) {
  test(`an answer with ${name} ends as ${code}`, async (t) => {
    const port = await listen(
      t,
      createServer((_, response) => response.end("x")),
    );
    t.equal(await ask({ port, ...resolver([answer]) }), code);
  });
}

test("a name is resolved once: what it leads to afterwards is not dialled", async (t) => {
  const port = await listen(
    t,
    createServer((_, response) => response.end("x")),
  );
  const state = resolver([["127.0.0.1"], ["10.0.0.1"]]);
  t.equal(await ask({ port, resolve: state.resolve }), "done");
  t.equal(state.asked, 1);
});

/** A DNS server on loopback that answers each question with these addresses, or not at all. */
async function dnsServer(
  t: Test,
  addresses: readonly string[] | undefined,
  asked: () => void = () => {},
): Promise<Resolve> {
  const socket = createSocket("udp4");
  t.teardown(() => socket.close());
  socket.on("message", (question, { port, address }) => {
    asked();
    if (addresses) socket.send(answerTo(question, addresses), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return createResolver([`127.0.0.1:${(socket.address() as AddressInfo).port}`]);
}

/** The question again, and each address of the family that it asks for. */
function answerTo(message: Buffer, addresses: readonly string[]): Buffer {
  const end = message.indexOf(0, 12) + 5;
  const question = message.subarray(12, end);
  const isV4 = question.readUInt16BE(question.length - 4) === 1;
  const own = addresses.filter((address) => address.includes(":") !== isV4).map(bytesOf);
  const head = Buffer.from([
    ...message.subarray(0, 2),
    0x81,
    0x80,
    0,
    1,
    0,
    own.length,
    0,
    0,
    0,
    0,
  ]);
  const records = own.map((bytes) =>
    Buffer.from([0xc0, 12, 0, isV4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]),
  );
  return Buffer.concat([head, question, ...records]);
}

function bytesOf(address: string): readonly number[] {
  if (!address.includes(":")) return address.split(".").map(Number);
  const groups = address.split(":").map((group) => Number.parseInt(group || "0", 16));
  return groups.flatMap((group) => [group >> 8, group & 255]);
}

const served: readonly [string, readonly string[], string][] = [
  ["one that is granted", ["127.0.0.1"], "done"],
  ["one that is granted and a private one", ["127.0.0.1", "10.0.0.1"], "EGRESS_DENIED"],
  ["a private one of the other family alone", ["fd00:0:0:0:0:0:0:1"], "EGRESS_DENIED"],
  [
    "a mapped one beside one that is granted",
    ["127.0.0.1", "0:0:0:0:0:ffff:a9fe:a9fe"],
    "EGRESS_DENIED",
  ],
  ["none", [], "EGRESS_FAILED"],
];
for (const [name, addresses, code] of served) {
  test(`a DNS server that names as address ${name} ends as ${code}`, async (t) => {
    const port = await listen(
      t,
      createServer((_, response) => response.end("x")),
    );
    t.equal(await ask({ port, resolve: await dnsServer(t, addresses) }), code);
  });
}

test("a DNS server that never answers is not asked again when the call is over", async (t) => {
  const stop = new AbortController();
  let questions = 0;
  const resolve = await dnsServer(t, undefined, () => {
    questions += 1;
    if (questions === 2) stop.abort();
  });
  t.equal(await ask({ port: 80, resolve, signal: stop.signal }), "CANCELLED");
  t.equal(questions, 2, "once for each family");
});

test("the machine's own names are not looked up", async (t) => {
  const resolve = await dnsServer(t, []);
  await t.rejects(resolve("localhost", new AbortController().signal), { code: "EGRESS_FAILED" });
});
