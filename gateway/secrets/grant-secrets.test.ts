import { test } from "tap";
import { parseManifest } from "../../manifests/manifest.ts";
import type { NetPermission } from "../../manifests/permissions.ts";
import type { SecretBinding } from "../../manifests/secret.ts";
import { grantSecrets } from "./grant-secrets.ts";

const to = {
  scheme: "https",
  host: "desk.test",
  ports: [443],
  methods: ["GET"],
  path: "/v1",
} as const;
const net: NetPermission = { ...to, path: "/" };
const binding: SecretBinding = {
  tools: ["ticket.find"],
  principals: ["alice"],
  to,
  place: { header: "authorization", prefix: "Bearer " },
};
const manifest = parseManifest({
  apiVersion: "ringward/v1",
  kind: "Tool",
  name: "ticket.find",
  version: "1.0.0",
  description: "Finds a ticket.",
  input: { type: "object", additionalProperties: false },
  effects: ["external"],
  output: { schema: true },
  permissions: { net: [net] },
  secrets: { desk: { header: "authorization", prefix: "Bearer " }, unknown: { query: "k" } },
  run: { js: "./t.ts" },
});

interface Change {
  readonly bound?: Partial<SecretBinding>;
  readonly net?: readonly NetPermission[];
  readonly principal?: string;
}

async function granted({
  bound,
  net: some = [net],
  principal = "alice",
}: Change): Promise<unknown> {
  const provider = {
    binding: (name: string) =>
      Promise.resolve(name === "desk" ? { ...binding, ...bound } : undefined),
  };
  const permissions = { net: some, fs: [] };
  return await grantSecrets({ manifest, principal, permissions }, provider);
}

test("what manifest, binding, principal and permissions agree on is granted, without a value", async (t) => {
  t.strictSame(await granted({}), [{ name: "desk", to, place: binding.place }]);
  t.strictSame(await granted({ bound: { principals: ["*"] }, principal: "anybody" }), [
    { name: "desk", to, place: binding.place },
  ]);
  t.equal(((await granted({ net: [{ ...net, path: "/v1/tickets" }] })) as unknown[]).length, 1);
});

const denied: Readonly<Record<string, Change>> = {
  "another tool": { bound: { tools: ["ticket.find2"] } },
  "another principal": { principal: "bob" },
  "a principal whose name is a star": { principal: "*" },
  "another header": { bound: { place: { header: "x-key" } } },
  "another prefix": { bound: { place: { header: "authorization" } } },
  "another kind of place": { bound: { place: { query: "authorization" } } },
  "a host that the call may not reach": { net: [{ ...net, host: "other.test" }] },
  "a port that it may not use": { net: [{ ...net, ports: [8443] }] },
  "a scheme that it may not use": { net: [{ ...net, scheme: "http" }] },
  "a method that it may not use": { net: [{ ...net, methods: ["POST"] }] },
  "a path that it may not reach": { net: [{ ...net, path: "/v2" }] },
  "a call without network": { net: [] },
};
for (const [name, change] of Object.entries(denied)) {
  test(`a secret is not granted to ${name}`, async (t) => {
    t.strictSame(await granted(change), []);
  });
}
