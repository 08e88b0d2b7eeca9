import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { CreateOptions } from "../profile/create-options.ts";
import { connectEngine, type Engine } from "./engine.ts";

interface Asked {
  readonly engine: Engine;
  /** Method and address of each question. */
  readonly asked: string[];
}

/** An engine that answers as a test wants it to. */
async function engineThat(t: Test, answer: RequestListener): Promise<Asked> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-engine-"));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  const socketPath = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { engine: connectEngine(socketPath), asked };
}

function says(status: number, body: unknown): RequestListener {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

test("of an image it tells what containers are made from", async (t) => {
  const config = { Env: ["A=b"], Volumes: { "/data": {} } };
  const found = { Id: "sha256:1", Config: config, RepoDigests: ["x@sha256:2"] };
  const { engine } = await engineThat(t, says(200, found));
  t.strictSame(await engine.image("x"), {
    ...{ id: "sha256:1", env: ["A=b"], volumes: ["/data"], digests: ["x@sha256:2"] },
  });
  const bare = await engineThat(t, says(200, { Id: "sha256:1" }));
  t.match(await bare.engine.image("x"), { env: [], volumes: [], digests: [] });
  const none = await engineThat(t, says(404, { message: "no such image" }));
  t.equal(await none.engine.image("x"), undefined);
});

test("nothing that a container is made with stands in an address", async (t) => {
  const { engine, asked } = await engineThat(t, says(201, { Id: "c" }));
  const options = { Image: "sha256:1", Env: ["KEY=value"] } as unknown as CreateOptions;
  t.equal(await engine.create("ringward-1", options), "c");
  t.strictSame(asked, ["POST /containers/create?name=ringward-1"]);
});

test("containers are asked for by their label, also those that do not run", async (t) => {
  const found = [{ Id: "c", Labels: { a: "b" } }];
  const { engine, asked } = await engineThat(t, says(200, found));
  t.strictSame(await engine.containers("a=b"), [{ id: "c", labels: { a: "b" } }]);
  const { searchParams } = new URL(asked[0]?.replace("GET ", "http://engine") ?? "");
  t.match(searchParams.get("all"), /^(1|true)$/);
  t.strictSame(JSON.parse(searchParams.get("filters") ?? ""), { label: ["a=b"] });
});

test("an engine that does not answer is waited for so long", async (t) => {
  t.intercept(containerLimits, "engineAnswerMs", { value: 20 as never });
  const { engine } = await engineThat(t, () => undefined);
  const fault = { name: "EngineFault", status: undefined };
  await t.rejects(engine.start("c"), fault);
  await t.rejects(engine.remove("c"), fault);
  await t.rejects(engine.facts(), fault);
});

const ends: Readonly<Record<string, string>> = {
  "that is no number": '{"StatusCode":"0"}',
  "that is not there": "{}",
  "that is no JSON": "{",
  "without end": "x".repeat(1_000_000),
};
for (const [what, body] of Object.entries(ends)) {
  test(`an engine that tells of an end ${what} is not believed`, async (t) => {
    const { engine } = await engineThat(t, (_, response) => {
      response.writeHead(200);
      response.write(body);
      if (what !== "without end") response.end();
    });
    await t.rejects(engine.exitCode("c"), { name: "EngineFault", status: undefined });
  });
}

test("how a container ended is told with its end", async (t) => {
  const { engine, asked } = await engineThat(t, says(200, '{"StatusCode":7}'));
  t.equal(await engine.exitCode("c"), 7);
  t.strictSame(asked, ["POST /containers/c/wait"]);
});

test("what is not there is removed; what cannot be is an engine's fault", async (t) => {
  const gone = await engineThat(t, says(404, { message: "no such container" }));
  await gone.engine.remove("c");
  t.equal(await gone.engine.isOutOfMemory("c"), false);
  t.equal(await gone.engine.firstProcess("c"), 0);
  const { searchParams } = new URL(gone.asked[0]?.replace("DELETE ", "http://engine") ?? "");
  t.strictSame(Object.fromEntries(searchParams), { force: "true", v: "true" });
  const busy = await engineThat(t, says(500, { message: "driver failed" }));
  await t.rejects(busy.engine.remove("c"), { name: "EngineFault", status: 500 });
});
