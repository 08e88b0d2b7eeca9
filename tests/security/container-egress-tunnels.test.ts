import tap, { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { type Attack, attacking, fromInside, stdoutOf } from "./container-egress-fixtures.ts";
import { plain, statusOf, tunnelled } from "./proxy-fixtures.ts";
import { helloFor } from "./proxy-hello.ts";
import { connectLines, far, yes } from "./proxy-tunnel-fixtures.ts";
import { wrongAuthorities, wrongHellos } from "./proxy-tunnels-attacks.ts";

tap.setTimeout(110_000);

// Ring 8, the broker, asked by a program in a container: TLS goes to the host that was judged.

/** A proxy of the program's own, in front of the call's: what comes to it asks for other hosts. */
const relay = `
sys.path.insert(0, "/ringward")
import forward
listener = socket.create_server(("127.0.0.1", 4000))
Thread(target=forward.accept, args=(listener,), daemon=True).start()
for host, user in (("tool.test:443", b"x"), ("evil.test:443", USER), ("127.0.0.1:3128", USER)):
    with socket.create_connection(("127.0.0.1", 4000)) as line:
        print(status_of(answer_to(line, asking(host, method="CONNECT", user=user))))
`;

fromInside(
  (name, run) => test(`tunnels ${name}`, run),
  {},
  async (t, { send, say, run, spot, origin }) => {
    const { port, sockets, heard } = await far(t, (socket) => socket.end("welcome"));
    const net = [tunnelled(port), plain(origin.port)];
    const target = `tool.test:${port}`;
    const begun = (name: string, then: Buffer): Attack => ({
      ...{ name, says: connectLines(spot.way, target), then },
    });
    const whole = helloFor("tool.test");
    const cut = [0, 1, 5, 6, 40, whole.length - 1].map((length) => ({
      ...begun(`${length} bytes of a hello`, whole.subarray(0, length)),
      isEnded: true,
    }));
    const hellos = Object.entries(wrongHellos).map(([name, bytes]) => begun(name, bytes));
    for (const one of (await send("N11", [...hellos, ...cut], net)).heard) {
      t.equal(one.heard, yes, `${one.name}: and not a word more`);
    }
    const away = Object.entries(wrongAuthorities).map(([name, of]) => ({
      ...{ name, says: connectLines(spot.way, ...of(port)) },
    }));
    for (const one of (await send("N15", away, net)).heard) {
      t.match(statusOf(one.heard), /400|403/, one.name);
    }
    t.equal(stdoutOf(t, await run(attacking(relay))), "407\n403\n403\n");
    t.strictSame(sockets, [], "nothing was dialled");

    const { heard: told } = await say([begun("a hello", whole)], { permissions: { net, fs: [] } });
    t.strictSame(
      told.map((one) => one.heard),
      [`${yes}welcome`, `${yes}welcome`],
    );
    t.strictSame(Buffer.concat(heard), Buffer.concat([whole, whole]), "as it came");
  },
);

/** Says that nothing more comes as soon as it has said its first words. */
const halved = `
const line = require("node:net").connect({ host: "127.0.0.1", port: 3128, allowHalfOpen: true });
line.write(Buffer.from(input.says, "base64").toString().replace(input.mark,
  Buffer.from(new URL(process.env.http_proxy).username + ":" + new URL(process.env.http_proxy).password).toString("base64")));
let heard = "";
for await (const chunk of line) {
  heard += chunk;
  if (heard.endsWith("\\r\\n\\r\\n")) line.end(Buffer.from(input.then, "base64"));
}
return heard;`;

/** Has all connections that there are; the next ones are dropped with what was said on them. */
const crowded = `
const { connect } = require("node:net");
const opened = (line) => new Promise((resolve) => line.once("connect", resolve));
const lines = Array.from({ length: input.connections }, () => connect("/run/ringward/proxy.sock"));
await Promise.all(lines.map(opened));
for (let count = 0; count < 20; count += 1) {
  const line = connect({ host: "127.0.0.1", port: 3128 }).on("error", () => undefined);
  line.write("GET http://tool.test/ HTTP/1.1\\r\\n\\r\\n");
  await new Promise((resolve) => line.resume().once("close", resolve));
}
return "all have ended";`;

fromInside(
  (name, run) => test(`who comes through the port of \`node\` ${name}`, run),
  { image: "node" },
  async (t, { run, spot }) => {
    const { port } = await far(t, (socket) => socket.on("end", () => socket.end("bye")));
    const says = Buffer.from(connectLines(spot.way, `tool.test:${port}`)).toString("base64");
    const then = helloFor("tool.test").toString("base64");
    const mark = Buffer.from(`call:${spot.way.credential}`).toString("base64");
    const net = [tunnelled(port)];
    const limits = { wallMs: 30_000, cpuMs: 20_000, memoryMb: 128, outputKb: 256 };
    const result = await run(
      { code: halved, input: { says, then, mark } },
      { permissions: { net, fs: [] }, limits },
    );
    t.equal(outputOf(result), `${yes}bye`);
    const input = { connections: containerLimits.proxyConnections };
    t.equal(outputOf(await run({ code: crowded, input }, { limits })), "all have ended");
  },
);

/** Of the code; of a call that failed, why. */
function outputOf(result: SandboxResult): unknown {
  return result.kind === "output" ? JSON.parse(result.output).output : result.detail;
}
