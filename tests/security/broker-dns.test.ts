import { promises as dns, type LookupAddress } from "node:dns";
import { createServer } from "node:http";
import { type Test, test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { listen } from "./broker-fetch-fixtures.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";

/** A resolver that gives these answers in turn, the last one again and again. */
function resolver(t: Test, answers: readonly (readonly string[])[]): { asked: number } {
  const state = { asked: 0 };
  const lookup = async (): Promise<LookupAddress[]> => {
    const answer = answers[Math.min(state.asked, answers.length - 1)] ?? [];
    state.asked += 1;
    return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  t.intercept(dns, "lookup", { value: lookup, configurable: true });
  return state;
}

async function ask(port: number, addresses: readonly string[]): Promise<string> {
  const permission: NetPermission = {
    scheme: "http",
    host: "tool.test",
    ports: [port],
    methods: ["GET"],
    path: "/",
    addresses,
  };
  const broker = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
  const grant = grantOf({ permissions: { net: [permission], fs: [] } });
  const door = broker.open(grant, new AbortController().signal);
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
    resolver(t, [answer]);
    t.equal(await ask(port, ["127.0.0.0/8"]), code);
  });
}

test("a name is resolved once: what it leads to afterwards is not dialled", async (t) => {
  const port = await listen(
    t,
    createServer((_, response) => response.end("x")),
  );
  const state = resolver(t, [["127.0.0.1"], ["10.0.0.1"]]);
  t.equal(await ask(port, ["127.0.0.0/8"]), "done");
  t.equal(state.asked, 1);
});
