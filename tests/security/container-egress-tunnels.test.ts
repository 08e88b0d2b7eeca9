import tap, { test } from "tap";
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
    const cut = [0, 1, 5, 6, 40, whole.length - 1].map((length) =>
      begun(`${length} bytes of a hello`, whole.subarray(0, length)),
    );
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
