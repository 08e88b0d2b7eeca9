import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import tap, { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { titleOf } from "./catalogue.ts";
import { attacking, type Egress, fromInside, stdoutOf } from "./container-egress-fixtures.ts";
import { firstWords, wrongCredentials } from "./proxy-calls-attacks.ts";
import { plain, statusOf, tunnelled } from "./proxy-fixtures.ts";
import { helloFor } from "./proxy-hello.ts";
import { ok } from "./proxy-limits-attacks.ts";
import { far } from "./proxy-tunnel-fixtures.ts";

tap.setTimeout(110_000);

// Ring 8, the broker, asked by a program in a container: a way out is one call's, and ends with it.

/** Requests for `/hold…`, which are answered when the test does so. */
const holds = new EventEmitter();
const listener = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.url?.startsWith("/hold")) holds.emit("held", response, request.url);
  else response.end("reached");
};

async function heldFor(call: Promise<SandboxResult>): Promise<readonly [ServerResponse, string]> {
  const early = call.then((result) => {
    throw new Error(`it has ended: ${JSON.stringify(result)}`);
  });
  return (await Promise.race([once(holds, "held"), early])) as [ServerResponse, string];
}

fromInside(
  (name, run) => test(`another call's way out ${name}`, run),
  { listener },
  async (t, egress) => {
    const { send, spot, origin } = egress;
    const attacks = Object.entries(wrongCredentials).flatMap(([name, lines]) =>
      firstWords(origin.port).map((first) => {
        const rest = ["Host: tool.test", "Connection: close", ...lines(spot.way)].join("\r\n");
        return { name, says: `${first} HTTP/1.1\r\n${rest}\r\n\r\n` };
      }),
    );
    for (const { heard, name } of (await send("N10", attacks)).heard) {
      t.equal(statusOf(heard), "407", name);
    }
    await ofACallThatIsOver(t, egress);
    await ofACallThatLives(t, egress);
    await ofAServerThatSaysMore(t, egress);
  },
);

/** What a program says with the credential of another one; twice, by two doors. */
const stolen = (url: string, credential: string): string => `
for to in PLACES:
    print(status_of(answer_to(connect(to), asking("${url}/", user=b"call:${credential}"))))`;

/** What stands in any process that this one may read, its own left out. */
const reading = attacking(`
found = set()
for process in {one for one in os.listdir("/proc") if one.isdigit()} - {str(os.getpid())}:
    for name in ("environ", "cmdline"):
        try:
            with open(f"/proc/{process}/{name}", "rb") as file:
                found.update(re.findall(rb"call:([\\w-]{43})@", file.read()))
        except OSError:
            pass
print(b"\\n".join(found).decode())`);

async function ofACallThatIsOver(t: Test, { run, origin }: Egress): Promise<void> {
  const before = origin.seen.length;
  const first = await run(reading);
  const [credential = "", ...more] = stdoutOf(t, first).trim().split("\n");
  t.match(credential, /^[\w-]{43}$/, "what a command was told stands in its environment");
  t.strictSame(more, [], "and in no other process is another");
  for (const principal of ["agent", "other"]) {
    const next = await run(attacking(stolen(origin.url, credential)), { principal });
    t.equal(stdoutOf(t, next), "407\n407\n", titleOf("N10"));
    t.not(next.ranIn?.container, first.ranIn?.container);
  }
  t.equal(origin.seen.length, before);
}

async function ofACallThatLives(t: Test, { run, origin }: Egress): Promise<void> {
  const telling = attacking(`
told = asking("${origin.url}/hold?" + CREDENTIAL.decode())
print(answer_to(connect("port"), told).decode()[-7:])`);
  const first = run(telling);
  const [response, url] = await heldFor(first);
  const [, credential = ""] = url.split("?");
  const before = origin.seen.length;
  const next = await run(attacking(stolen(origin.url, credential)));
  t.equal(stdoutOf(t, next), "407\n407\n", titleOf("N10"));
  t.equal(origin.seen.length, before);
  response.setHeader("content-length", 7).end("reached");
  t.equal(stdoutOf(t, await first), "reached\n");
}

/** Behind its answer stands another one, for whoever comes next on that connection. */
async function ofAServerThatSaysMore(t: Test, { run }: Egress): Promise<void> {
  const [said, more] = ["right", "wrong"].map((word) => `${ok}content-length: 5\r\n\r\n${word}`);
  const { port, sockets } = await far(t, (socket) =>
    socket.on("data", () => socket.write(`${said}${more}`)),
  );
  const twice = attacking(`
line = connect("port")
for _ in range(2):
    print(answer_to(line, asking("http://tool.test:${port}/")).decode()[-5:])`);
  for (let count = 0; count < 2; count += 1) {
    const result = await run(twice, { permissions: { net: [plain(port)], fs: [] } });
    t.equal(stdoutOf(t, result), "right\nright\n");
  }
  t.equal(sockets.length, 4, "each request has a connection of its own");
}

fromInside(
  (name, run) => test(`more than a call may have ${name}`, run),
  { listener },
  async (t, egress) => {
    const { run, say, origin } = egress;
    const greedy = attacking(`
crowd = [connect("port") for _ in range(100)]
for line in crowd:
    line.close()
lines = []
while len(lines) < ${containerLimits.proxyConnections}:
    try:
        lines.append(connect("socket"))
        lines[-1].settimeout(0.1)
        if lines[-1].recv(1) == b"":
            lines.pop()
    except TimeoutError:
        lines[-1].settimeout(None)
said = {status_of(answer_to(connect(to), asking("${origin.url}/"))) for to in [*PLACES] * 20}
print(said)
print(status_of(answer_to(lines[0], asking("${origin.url}/hold"))))
for line in lines:
    line.close()
print(status_of(answer_to(connect("port"), asking("${origin.url}/"))))`);
    const call = run(greedy);
    const [response] = await heldFor(call);
    t.equal(origin.seen.length, 1);
    const others = ["agent", "other"].map((principal) => say([], { principal }));
    await Promise.all(others);
    response.setHeader("content-length", 7).end("reached");
    t.equal(stdoutOf(t, await call), "{'nothing'}\n200\n200\n", titleOf("N20"));

    const before = origin.seen.length;
    const asking = attacking(`
said = [answer_to(connect("port"), asking("${origin.url}/")) for _ in range(${limits.hostCallsPerCall})]
print(sum(status_of(one) == "200" for one in said))
asked = (("GET", "${origin.url}/", b""), ("CONNECT", "tool.test:443", b""), ("POST", "/host/fetch", b"{}"))
for method, url, body in asked:
    said = asking(url, f"Content-Length: {len(body)}", method=method) + body
    print(b"HOSTCALL_LIMIT" in answer_to(connect("port"), said))`);
    const result = await run(asking);
    t.equal(stdoutOf(t, result), `${limits.hostCallsPerCall}\nTrue\nTrue\nTrue\n`, titleOf("N20"));
    t.equal(origin.seen.length, before + limits.hostCallsPerCall);
    t.equal(result.requests.length, limits.hostCallsPerCall);
    await say([], { principal: "other" });
  },
);

fromInside(
  (name, run) => test(`a way out after the answer ${name}`, run),
  { listener },
  async (t, { run, say }) => {
    const { port, sockets, heard } = await far(t, (socket) => socket.write("more"));
    const staying = attacking(`
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        line = connect("socket")
        line.sendall(asking("tool.test:${port}", method="CONNECT"))
        assert line.recv(4096).endswith(GRANTED)
        line.sendall(a2b_base64("${helloFor("tool.test").toString("base64")}"))
        assert line.recv(4096) == b"more"
        open("/tmp/open", "w").close()
        while True:
            line.sendall(b"still here")
    os._exit(0)
import time
while not os.path.exists("/tmp/open"):
    time.sleep(0.01)
print("answered")`);
    const net = [tunnelled(port), plain(port)];
    const result = await run(staying, { permissions: { net, fs: [] } });
    t.equal(stdoutOf(t, result), "answered\n", titleOf("X63"));
    const [socket] = sockets;
    if (socket && !socket.closed) await once(socket.end(), "close");
    const count = heard.length;
    await pause(300);
    t.equal(heard.length, count, "nothing is heard any more");
    t.match(result.requests, [{ action: "CONNECT", address: "127.0.0.1" }]);
    await say([]);
  },
);
