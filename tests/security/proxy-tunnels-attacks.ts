import { helloFor, helloOf } from "./proxy-hello.ts";

const hello = (name = "tool.test"): Buffer => helloFor(name);

/** First bytes of tunnels to `tool.test`, none of which may lead anywhere. */
export const wrongHellos: Readonly<Record<string, Buffer>> = {
  "another host": hello("other.test"),
  "a host that ends alike": hello("eviltool.test"),
  "a host beneath": hello("x.tool.test"),
  "a dot at the end of the host": hello("tool.test."),
  "a NUL behind the host": hello("tool.test\0"),
  "a NUL in the host": hello("tool.test\0.evil.test"),
  "an address for a host": hello("127.0.0.1"),
  "an empty host": hello(""),
  "no host": helloOf({}),
  "an empty list of hosts": helloOf({ names: [] }),
  "two hosts": helloOf({
    names: [
      [0, "tool.test"],
      [0, "evil.test"],
    ],
  }),
  "a name that is no host": helloOf({ names: [[1, "tool.test"]] }),
  "hosts twice": helloFor("evil.test", {
    more: [[0, Buffer.from("000c0000096f6b2e74657374", "hex")]],
  }),
  "a hello that is hidden in it": helloFor("tool.test", { more: [[0xfe_0d, Buffer.alloc(40)]] }),
  ...Object.fromEntries(
    [0xff_ce, 0xfe_08, 0xfe_09, 0xfe_0a, 0xfe_0b, 0xfe_0c].map((kind) => [
      `a hello that is hidden as a draft had it, under ${kind}`,
      helloFor("tool.test", { more: [[kind, Buffer.alloc(40)]] }),
    ]),
  ),
  "references to a hello outside": helloFor("tool.test", { more: [[0xfd_00, Buffer.alloc(4)]] }),
  "an extension twice": helloFor("tool.test", {
    more: [
      [10, Buffer.alloc(4)],
      [10, Buffer.alloc(4)],
    ],
  }),
  "something behind the hello": helloFor("tool.test", { behind: hello("evil.test").subarray(5) }),
  "a hello of another protocol": Buffer.from([22, 1, 1, ...hello().subarray(3)]),
  "a message that is no hello": Buffer.from([...hello().subarray(0, 5), 2, ...hello().subarray(6)]),
  "a length beyond the limit": Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255]),
  "a record of no size": Buffer.from([22, 3, 1, 0, 0]),
  "a record that is too large": Buffer.from([22, 3, 1, 255, 255]),
  "an alert": Buffer.from([21, 3, 1, 0, 2, 1, 0]),
  "the hello of SSL 2": Buffer.from("802e0100020015000000100100800300", "hex"),
  "plain text": Buffer.from("GET / HTTP/1.1\r\nHost: tool.test\r\n\r\n"),
  "one more CONNECT": Buffer.from("CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
  SOCKS5: Buffer.from([5, 1, 0]),
  SSH: Buffer.from("SSH-2.0-OpenSSH_9\r\n"),
};

/** Where a tunnel may not lead, to a grant for `tool.test` and its port. */
export const wrongAuthorities: Readonly<
  Record<string, (port: number) => readonly [string, string?]>
> = {
  "another host": (port) => [`other.test:${port}`],
  "another port": () => ["tool.test:22"],
  "the host's address": (port) => [`127.0.0.1:${port}`],
  "the host's address in decimal": (port) => [`2130706433:${port}`],
  "no port": () => ["tool.test"],
  "an empty port": () => ["tool.test:"],
  "a port of zero": () => ["tool.test:0"],
  "a port in another base": (port) => [`tool.test:0x${port.toString(16)}`],
  "a port with zeros before": (port) => [`tool.test:0${port}`],
  "a user": (port) => [`user@tool.test:${port}`],
  "a path": (port) => [`tool.test:${port}/x`],
  "a scheme": (port) => [`https://tool.test:${port}`],
  "a zone": (port) => [`[fe80::1%25lo]:${port}`],
  "a dot at the end": (port) => [`tool.test.:${port}`],
  "another host in the Host header": (port) => [`tool.test:${port}`, `other.test:${port}`],
};
