import { EventEmitter, once } from "node:events";
import { readdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import tap, { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { pinOf } from "../support/test-launcher.ts";
import { titleOf } from "./catalogue.ts";
import { detail } from "./container-attacks.ts";
import { attacking, type Egress, fromInside, stdoutOf } from "./container-egress-fixtures.ts";
import { lower } from "./proxy-fixtures.ts";

tap.setTimeout(110_000);

// Rings 7 and 8, the sandbox and the broker: what else a program tries with its way out.

const holds = new EventEmitter();

/** Takes the port before the runner does, and then lets it run. */
const squatter = `
python3 -c "
import os, socket
port = socket.create_server(('127.0.0.1', 3128))
os.set_inheritable(port.fileno(), True)
os.execv('/ringward/run', ['run', 'shell'])"`;

/** Comes to the socket before its call does, and says so. */
const early = `exec python3 -c "
import base64, json, socket, sys
def line():
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(1)
    one.connect('/run/ringward/proxy.sock')
    return one
def heard(one, said=b''):
    try:
        one.sendall(said)
        return one.recv(4096).decode()[-7:]
    except TimeoutError:
        return 'waits'
    except OSError:
        return ''
lines = [line() for _ in range(8)]
before = [heard(one) for one in lines]
told = json.loads(sys.stdin.readline())
user = base64.b64encode(('call:' + told['credential']).encode()).decode()
url = told['arguments']['url']
head = ['GET ' + url + ' HTTP/1.1', 'Host: ' + url.split('/')[2], 'Proxy-Authorization: Basic ' + user, '', '']
said = chr(13) + chr(10)
said = said.join(head).encode()
after = [heard(one, said) for one in lines]
output = {'before': before, 'after': after, 'last': heard(line(), said)}
print(json.dumps({'nonce': told['nonce'], 'output': output}))"`;

fromInside(
  (name, run) => test(`what else a program tries ${name}`, run),
  {
    scripts: [squatter, early],
    listener: ({ url }, response) => {
      if (url === "/hold") holds.emit("held", response);
      else response.setHeader("content-length", 7).end("reached");
    },
  },
  async (t, egress) => {
    await takesThePort(t, egress);
    await comesBeforeItsCall(t, egress);
    await handsDescriptorsOver(t, egress);
    await sendsUrgentBytes(t, egress);
    await looksForNamesOfTheHost(t, egress);
    await holdsHalfConnections(t, egress);
  },
);

async function takesThePort(t: Test, { run, say, origin }: Egress): Promise<void> {
  const before = origin.seen.length;
  const result = await run({ command: "echo served" }, { toolPin: pinOf(1) });
  t.match(result, { kind: "failed", code: "GUEST_ERROR" }, titleOf("X60"));
  t.strictSame(result.requests, []);
  t.equal(origin.seen.length, before);
  const again = attacking(`
taken = []
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, ""), (socket.AF_INET6, "::")):
    port = socket.socket(family)
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        port.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        port.bind((host, 3128))
        port.listen()
        taken.append((host, port))
    except OSError:
        pass
print("127.0.0.1" in [host for host, _ in taken])
print(status_of(answer_to(connect("port"), asking("${origin.url}/"))))`);
  t.equal(stdoutOf(t, await run(again)), "False\n200\n", "nor while it is used");
  await say([]);
}

/** Only a container that waits for its call can be early. */
async function comesBeforeItsCall(t: Test, { run, origin }: Egress): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    const input = { command: "", url: `${origin.url}/` };
    const result = await run(input, { toolPin: pinOf(2) });
    const output = result.kind === "output" ? result.output : "{}";
    const { before = [], after, last } = JSON.parse(output) as Record<string, string[]>;
    t.equal(last, "reached", detail(result));
    if (before.length > 0 && before.every((heard) => heard === "")) {
      t.strictSame(after, Array(8).fill(""), titleOf("X64"));
      t.equal(result.requests.length, 1);
      return;
    }
    await pause(200);
  }
  t.fail("no container was early");
}

async function handsDescriptorsOver(t: Test, { run, say, origin }: Egress): Promise<void> {
  const before = readdirSync("/proc/self/fd").length;
  const handing = attacking(`
import struct
mine = [os.open("/dev/null", os.O_RDWR) for _ in range(100)]
for _ in range(8):
    with connect("socket") as line:
        also = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("101i", line.fileno(), *mine))]
        try:
            line.sendmsg([asking("${origin.url}/")], also)
        except OSError:
            # gVisor hands nothing to the host.
            line.sendall(asking("${origin.url}/"))
        answer, told, _, _ = line.recvmsg(4096, socket.CMSG_SPACE(64))
        print(answer.decode()[-7:], told)`);
  const result = await run(handing);
  t.match(stdoutOf(t, result), /^(?:reached \[\]\n){8}$/, titleOf("X61"));
  await say([]);
  const after = readdirSync("/proc/self/fd").length;
  t.ok(after < before + 50, `the gateway has ${after} descriptors, and had ${before}`);
}

/** A part of the kernel's sockets that programs have come through, and that nobody needs. */
async function sendsUrgentBytes(t: Test, { tier, run, say }: Egress): Promise<void> {
  const urgent = attacking(`
pair = socket.socketpair()
pair[0].send(b"x")
for doing in (
    lambda: pair[0].send(b"x", socket.MSG_OOB),
    lambda: pair[0].sendmsg([b"x"], [], socket.MSG_OOB),
    lambda: connect("socket").send(b"x", socket.MSG_OOB),
    lambda: pair[1].recv(1, socket.MSG_OOB),
    lambda: pair[1].recvmsg(1, 0, socket.MSG_OOB),
):
    try:
        doing()
        print("done")
    except OSError as error:
        print(error.strerror)`);
  const said = stdoutOf(t, await run(urgent));
  if (tier === "container") t.equal(said, "Operation not permitted\n".repeat(5), titleOf("X66"));
  await say([]);
}

async function looksForNamesOfTheHost(t: Test, { run, origin }: Egress): Promise<void> {
  let came = 0;
  const [name, other] = [`ringward-test-${process.pid}`, `ringward-inside-${process.pid}`];
  const server = createServer(() => {
    came += 1;
  }).listen(`\0${name}`);
  t.teardown(() => server.close());
  await once(server, "listening");
  const looking = attacking(`
own = socket.socket(socket.AF_UNIX)
own.bind("\\0${other}")
own.listen()
own.setblocking(False)
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    with socket.socket(socket.AF_UNIX, kind) as line:
        try:
            line.connect("\\0${name}")
            print("connected")
        except OSError:
            pass
if os.path.exists("/proc/net/unix"):
    print("${name}" in open("/proc/net/unix").read())
answer_to(connect("port"), asking("${origin.url}/hold"))
try:
    own.accept()
    print("somebody came")
except OSError:
    print("nobody came")`);
  const call = run(looking);
  const [response] = (await Promise.race([once(holds, "held"), call])) as [ServerResponse];
  const outside = connect(`\0${other}`);
  const [error] = await once(outside, "error");
  t.equal(error.code, "ECONNREFUSED", "nor does the host find the container's");
  response.setHeader("content-length", 0).end();
  t.match(stdoutOf(t, await call), /^(?:False\n)?nobody came\n$/, titleOf("X62"));
  t.equal(came, 0);
}

async function holdsHalfConnections(t: Test, { run, say, origin }: Egress): Promise<void> {
  lower(t, { helloMs: 600 });
  // Containers that wait have ways out with other limits.
  const principal = "patient";
  const halves = attacking(`
def half(at):
    line = connect("socket" if at % 2 else "port")
    line.settimeout(LONGEST_S)
    return line
lines = [half(at) for at in range(${containerLimits.proxyConnections})]
for line in lines[:5]:
    line.shutdown(socket.SHUT_WR)
for line in lines[5:10]:
    line.sendall(asking("${origin.url}/")[:-2] + b"X-A: " + b"a" * 12_000)
for line in lines[10:]:
    line.shutdown(socket.SHUT_RD)
held = answer_to(lines[9], b"\\r\\n\\r\\n")
print(status_of(held))
ends = [answer_to(line) for line in lines[:9]]
print(sum(b"reached" in end for end in ends))
for line in lines:
    line.close()
print(status_of(answer_to(connect("port"), asking("${origin.url}/"))))`);
  const call = run(halves, { principal });
  await say([], { principal: "other" });
  t.equal(stdoutOf(t, await call), "200\n0\n200\n", titleOf("X65"));
  await say([], { principal });
}
