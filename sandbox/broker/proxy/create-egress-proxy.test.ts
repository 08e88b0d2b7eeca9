import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Test, test } from "tap";
import type { BrokerDoor } from "../broker.ts";
import { createEgressProxy } from "./create-egress-proxy.ts";

test("a bug is told to whoever runs the proxy; a program learns that there is one", async (t) => {
  const way = await wayTo(t, { pass: () => Promise.reject(bug) });
  const { status, body } = await ask(way);
  t.strictSame([status, JSON.parse(body).code], [500, "INTERNAL"]);
  t.notMatch(body, bug.message);
  t.strictSame(await way.bugs(1), [bug]);
});

test("a bug in the middle of an answer does not let it look whole", async (t) => {
  const way = await wayTo(t, {
    pass: async (_, tell) => {
      const body = async (to: NodeJS.WritableStream): Promise<never> => {
        to.write("half");
        throw bug;
      };
      await tell({ status: 200, rawHeaders: [], body });
    },
  });
  await t.rejects(ask(way));
  t.strictSame(await way.bugs(1), [bug]);
});

test("a bug of a tunnel ends it, before it is open and when it is", async (t) => {
  for (const isOpen of [false, true]) {
    const way = await wayTo(t, {
      tunnel: async (_, accept) => {
        if (isOpen) accept();
        throw bug;
      },
    });
    const socket = connect(way.path);
    socket.write(`CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n${way.header}\r\n\r\n`);
    const told = await text(socket);
    t.match(told, isOpen ? /^$|^HTTP\/1.1 200 / : /^HTTP\/1.1 500 .*INTERNAL/s);
    t.notMatch(told, bug.message);
    t.strictSame(await way.bugs(1), [bug]);
  }
});

const bug = new Error("what nobody thought of");

interface Way {
  readonly path: string;
  readonly header: string;
  /** Waits until so many were told. */
  bugs(count: number): Promise<readonly unknown[]>;
}

async function wayTo(t: Test, door: Partial<BrokerDoor>): Promise<Way> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  const told: unknown[] = [];
  const proxy = createEgressProxy({ folder, onBug: (error) => told.push(error) });
  t.teardown(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true });
  });
  const socket = await proxy.open("0".repeat(32));
  const { signal } = new AbortController();
  const credential = socket.admit({ signal, ...door } as BrokerDoor);
  return {
    path: join(socket.folder, "proxy.sock"),
    header: `Proxy-Authorization: Basic ${btoa(`call:${credential}`)}`,
    bugs: async (count) => {
      while (told.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      return told;
    },
  };
}

async function ask({ path, header }: Way): Promise<{ status: number; body: string }> {
  const [name = "", value = ""] = header.split(": ");
  const headers = { host: "a.test", [name]: value };
  const asked = request({ socketPath: path, path: "http://a.test/", headers, agent: false }).end();
  const [response] = await once(asked, "response");
  return { status: response.statusCode, body: await text(response) };
}
