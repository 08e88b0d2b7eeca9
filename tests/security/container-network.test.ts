import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import tap, { test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import { testImages } from "../support/test-images.ts";
import { onEachTier } from "./container-attacks.ts";

tap.setTimeout(110_000);

/** In Python, because a shell has no sockets. Each line says what was reached; the last, that it ended. */
const python = (lines: string): string => `python3 - <<'END'
import os, socket
def tries(name, *attempt):
    try:
        family, kind, protocol, address = attempt
        with socket.socket(family, kind, protocol) as one:
            one.settimeout(2)
            one.connect(address)
            one.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
            if kind != socket.SOCK_STREAM or one.recv(1): print("reached", name)
    except OSError:
        pass
${lines}
print("tried")
END`;

const page = await startPage();

const programs = {
  devices: "sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '; sed 1d /proc/net/route; echo tried",
  others: python(`
for name, family, kind, protocol in (
    ("udp", socket.AF_INET, socket.SOCK_DGRAM, 0),
    ("quic", socket.AF_INET6, socket.SOCK_DGRAM, 0),
    ("icmp", socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP),
    ("raw icmp", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    ("raw ipv6", socket.AF_INET6, socket.SOCK_RAW, 58),
    ("sctp", socket.AF_INET, socket.SOCK_SEQPACKET, 132),
    ("packets", socket.AF_PACKET, socket.SOCK_RAW, 3),
):
    there = "2001:4860:4860::8888" if family == socket.AF_INET6 else "8.8.8.8"
    tries(name, family, kind, protocol, ("eth0", 3) if name == "packets" else (there, 53))`),
  direct: python(`
for host in ${JSON.stringify([...hostAddresses(), "172.17.0.1", "169.254.169.254", "1.1.1.1"])}:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in (${page.port}, 80, 53, 853, 2375):
        tries(f"{host} {port}", family, socket.SOCK_STREAM, 0, (host, port))`),
  neighbours: python(`
for folder, names, files in os.walk("/run"):
    for name in files:
        path = os.path.join(folder, name)
        if path != "/run/ringward/proxy.sock":
            tries(path, socket.AF_UNIX, socket.SOCK_STREAM, 0, path)
for path in ("/run/ringward/../proxy.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
             "\\0containerd", "/run/ringward/launcher.sock", "/proc/1/root/run/docker.sock"):
    tries(path, socket.AF_UNIX, socket.SOCK_STREAM, 0, path)
try:
    open("/run/ringward/mine", "w")
    print("written")
except OSError:
    pass
tries("the way out, without a credential", socket.AF_UNIX, socket.SOCK_STREAM, 0,
      "/run/ringward/proxy.sock")`),
};

/** Whatever it is: the way out is there, and leads to the proxy alone. */
const withWayOut = { permissions: { net: [wayTo("page.test")], fs: [] } };

onEachTier(
  (name, run) => test(`ways around the proxy ${name}`, run),
  () => ({ programs, image: async (engine) => (await testImages(engine, ["shell"])).shell }),
  async (t, { attack }) => {
    for (const change of [{}, withWayOut]) {
      t.equal((await attack("N01", "devices", change)).said, "lo\ntried\n");
      t.equal((await attack("N14", "others", change)).said, "tried\n");
      t.equal((await attack("N16", "direct", change)).said, "tried\n");
    }
    t.equal((await attack("N24", "neighbours")).said, "tried\n");
    const { said } = await attack("N24", "neighbours", withWayOut);
    t.equal(said, "reached the way out, without a credential\ntried\n", "to be told 407");
    t.equal(page.asked(), 0, "nobody came to the host");
  },
);

function wayTo(host: string): NetPermission {
  const way = { scheme: "http", host, ports: [page.port], methods: ["GET"] } as const;
  return { ...way, path: "/", addresses: ["127.0.0.0/8"] };
}

/** Of this machine: whoever stood on its network would reach what listens on all of them. */
function hostAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.map(({ address }) => address),
  );
}

interface Page {
  readonly port: number;
  asked(): number;
}

/** On all addresses of this machine. */
async function startPage(): Promise<Page> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end("the page");
  });
  await new Promise<void>((resolve) => server.listen(0, "::", resolve));
  tap.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}
