import type { Socket } from "node:net";
import tap, { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { type Attack, attacking, fromInside } from "./container-egress-fixtures.ts";
import { credentialLine, lower, plain, tunnelled } from "./proxy-fixtures.ts";
import { helloFor } from "./proxy-hello.ts";
import {
  cutAnswers,
  headFor,
  ok,
  slowRequests,
  slowServers,
  wrongAnswers,
} from "./proxy-limits-attacks.ts";
import { connectLines, type Far, far } from "./proxy-tunnel-fixtures.ts";

tap.setTimeout(110_000);

// Ring 8, the broker, asked by a program in a container: nothing is held for long, or without end.

type Serve = (socket: Socket) => void;

/** A server that does what the number in the path says; to a tunnel it says more and more. */
async function servers(t: Test, serve: readonly Serve[]): Promise<Far> {
  return await far(t, (socket) =>
    socket.once("data", (chunk: Buffer) => {
      const at = / \/(\d+) HTTP/.exec(chunk.toString("latin1"))?.[1];
      if (at !== undefined) serve[Number(at)]?.(socket);
    }),
  );
}

function drip(socket: Socket): void {
  socket.write(`${ok}content-type: text/event-stream\r\n\r\n`);
  const dripping = setInterval(() => socket.write("data: x\n\n"), 20);
  socket.once("close", () => clearInterval(dripping));
}

function flood(socket: Socket): void {
  socket.write(`${ok}\r\n`);
  const more = (): void => {
    while (socket.writable && socket.write(Buffer.alloc(65_536)));
  };
  socket.on("drain", more);
  more();
}

fromInside(
  (name, run) => test(`who is slow ${name}`, run),
  {},
  async (t, { send, run, spot: { way } }) => {
    lower(t, { helloMs: 600, egressIdleMs: 600, egressMs: 1_500 });
    const slow = { ...slowServers, "a stream that trickles": drip };
    const { port } = await servers(t, [...Object.values(slow), flood]);
    const url = `http://tool.test:${port}`;
    const net = [plain(port), tunnelled(port)];
    const deaf = attacking(`
import select
line = connect("socket")
line.sendall(asking("${url}/${Object.keys(slow).length}"))
poll = select.poll()
poll.register(line, select.POLLHUP)
poll.poll(3_000)`);
    const { requests } = await run(deaf, { permissions: { net, fs: [] } });
    t.match(requests, [{ code: "EGRESS_FAILED" }]);
    t.ok((requests[0]?.bytes ?? 0) < 10_000_000, "what is not taken is not read");

    lower(t, { egressBytes: 300_000 });
    const waiting = (name: string, says: string, then?: Buffer): Attack => ({
      ...{ name, says, isPatient: true, ...(then && { then }) },
    });
    const posted = "Content-Length: 1000000\r\n\r\n{";
    const hello = helloFor("tool.test");
    const tunnel = connectLines(way, `tool.test:${port}`);
    const attacks = [
      ...Object.entries(slowRequests).map(([name, of]) => waiting(name, of(way, `${url}/0`))),
      waiting("a body that never ends", `${headFor(way, url, "POST")}${posted}`),
      waiting(
        "a question to the host that never ends",
        `POST /host/fetch HTTP/1.1\r\nHost: x\r\n${credentialLine(way)}\r\n${posted}`,
      ),
      ...Object.keys(slow).map((name, at) =>
        waiting(name, `${headFor(way, `${url}/${at}`)}Connection: close\r\n\r\n`),
      ),
      waiting("a tunnel that begins too late", tunnel),
      waiting("a tunnel in which nothing moves", tunnel, hello),
      waiting("a tunnel with too much", tunnel, Buffer.concat([hello, Buffer.alloc(300_000)])),
    ];
    // All at a time, by two doors.
    const most = Math.floor(containerLimits.proxyConnections / 2) - 1;
    for (let at = 0; at < attacks.length; at += most) {
      const { heard } = await send("N17", attacks.slice(at, at + most), net);
      for (const one of heard) t.notMatch(one.heard, /0\r\n\r\n$/, `${one.name} looks not whole`);
    }
  },
);

fromInside(
  (name, run) => test(`what has no end, or no beginning ${name}`, run),
  {},
  async (t, { send, spot: { way } }) => {
    lower(t, { egressBytes: 300_000 });
    const wrong = [...Object.entries(wrongAnswers), ...cutAnswers];
    const serve = wrong.map(
      ([, bytes]): Serve =>
        (socket) =>
          socket.end(bytes),
    );
    const { port } = await servers(t, [...serve, flood]);
    const url = `http://tool.test:${port}`;
    const names = [...wrong.map(([name]) => name), "a body without end"];
    const attacks: Attack[] = names.map((name, at) => ({
      ...{ name, says: `${headFor(way, `${url}/${at}`)}Connection: close\r\n\r\n` },
    }));
    const chunks = [`10000\r\n${"x".repeat(65_536)}\r\n`.repeat(8), "1\r\nx\r\n".repeat(10_000)];
    const posts = chunks.map((body) => ({
      name: "a program that sends without end",
      says: `${headFor(way, url, "POST")}Transfer-Encoding: chunked\r\n\r\n${body}`,
    }));
    const { heard, booked } = await send("N19", [...attacks, ...posts], [plain(port)]);
    t.ok(booked.every(({ code }) => code === "EGRESS_FAILED"));
    t.equal(booked.length, heard.length);
    for (const { name, bytes, heard: said } of heard) {
      t.ok(bytes <= 400_000, `${name}: ${bytes}`);
      t.notMatch(said, /0\r\n\r\n$/, `${name} looks not whole`);
    }
  },
);
