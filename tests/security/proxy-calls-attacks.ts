import { credentialLine, type Way } from "./proxy-fixtures.ts";

/** Lines that are not the credential of the call. */
export const wrongCredentials: Readonly<
  Record<string, (way: Pick<Way, "credential">) => readonly string[]>
> = {
  nothing: () => [],
  "another one": () => [credentialLine({ credential: "A".repeat(43) })],
  "half of it": ({ credential }) => [credentialLine({ credential: credential.slice(0, 20) })],
  "it and more": ({ credential }) => [credentialLine({ credential: `${credential}x` })],
  "it for another user": ({ credential }) => [
    `Proxy-Authorization: Basic ${Buffer.from(`root:${credential}`).toString("base64")}`,
  ],
  "it in plain": ({ credential }) => [`Proxy-Authorization: ${credential}`],
  "it in another header": (way) => [credentialLine(way).replace("Proxy-", "")],
  "another one first": (way) => [credentialLine({ credential: "x" }), credentialLine(way)],
};

/** The first words of a request at each of the proxy's doors. */
export function firstWords(port: number): readonly string[] {
  return [`GET http://tool.test:${port}/`, "POST /host/files.read", `CONNECT tool.test:${port}`];
}
