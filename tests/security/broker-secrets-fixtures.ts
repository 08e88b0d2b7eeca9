import type { RequestListener } from "node:http";
import type { Test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import type {
  GrantedSecret,
  SecretDestination,
  SecretPlace,
  SecretProvider,
} from "../../manifests/secret.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { type Net, net } from "./broker-fetch-fixtures.ts";
import { grantOf } from "./broker-fixtures.ts";

/** Contains what encodings change: `/`, `+`, `%`, `&`, a quote. */
export const canary = 'cNry/7+Qp%41&x"Zk0_VmT4';

export interface SecretNet extends Net {
  /** What reached the server, whole: headers, address and body. */
  readonly heard: string[];
  /** Values that the broker asked its provider for. */
  readonly reads: string[];
  /** A door whose grant has the secret `key`, bound to the server. */
  openBound(place: SecretPlace, to?: Partial<SecretDestination>): BrokerDoor;
  handle(door: BrokerDoor): Promise<string>;
}

/** A server on loopback, and a broker that may send it the canary. */
export async function secretNet(t: Test, listener: RequestListener): Promise<SecretNet> {
  const heard: string[] = [];
  const reads: string[] = [];
  const at = await net(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      heard.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
      listener(request, response);
    });
  });
  const permission: NetPermission = {
    scheme: "http",
    host: "tool.test",
    ports: [at.port],
    methods: ["GET", "POST"],
    path: "/",
    addresses: ["127.0.0.0/8"],
  };
  const openBound = (place: SecretPlace, changes: Partial<SecretDestination> = {}): BrokerDoor => {
    const { addresses: _, ...to } = permission;
    const secret: GrantedSecret = { name: "key", place, to: { ...to, ...changes } };
    const other = { ...permission, host: "other.test" };
    const far = { ...permission, host: "far.test", addresses: ["10.0.0.0/8"] };
    const broker = createBroker({
      workspace: t.testdirName,
      hosts: { "tool.test": "127.0.0.1", "other.test": "127.0.0.1", "far.test": "10.0.0.1" },
      protectedPaths: [],
      secrets: providerOf(secret, reads),
    });
    const permissions = {
      net: [permission, other, far],
      fs: [{ path: ".", access: "write" }] as const,
    };
    return broker.open(grantOf({ permissions, secrets: [secret] }), new AbortController().signal);
  };
  const handle = async (door: BrokerDoor): Promise<string> =>
    (await door.request("secret", { name: "key" })) as string;
  return { ...at, heard, reads, openBound, handle };
}

function providerOf({ name, to, place }: GrantedSecret, reads: string[]): SecretProvider {
  const binding = { tools: ["test.tool"], principals: ["agent"], to, place };
  return {
    binding: () => Promise.resolve(binding),
    read(asked) {
      reads.push(asked);
      return Promise.resolve(asked === name ? { binding, value: canary } : undefined);
    },
  };
}
