import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { archiveOf, type ImageArchive } from "./docker-archive.ts";
import { hasImage, loadImage } from "./load-image.ts";
import { plainFile, type Tree } from "./tree.ts";

const tree: Tree = new Map([["etc/name", plainFile("a")]]);
const image = archiveOf("shell", tree, "nothing");

interface FakeEngine {
  readonly socket: string;
  /** Layers by what the image is asked for under. */
  readonly held: Map<string, readonly string[]>;
  /** How often something was loaded, and how much. */
  readonly loads: number[];
}

/** An engine that holds `layers` under the tag of the image when it was given one to load. */
async function engineOf(t: Test, layers: readonly string[]): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-load-"));
  const held = new Map<string, readonly string[]>();
  const loads: number[] = [];
  const server = createServer((request, response) => {
    const asked = /^\/images\/([^/]+)\/json$/.exec(
      decodeURIComponent(request.url ?? "").replace("ringward/", "ringward%2F"),
    )?.[1];
    const found = asked === undefined ? undefined : held.get(asked.replace("%2F", "/"));
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on("end", () => {
      if (request.method === "POST") {
        loads.push(bytes);
        held.set(image.tag, layers);
      }
      response.statusCode = request.method === "POST" || found ? 200 : 404;
      response.end(JSON.stringify({ Id: "sha256:of-the-engine", RootFS: { Layers: found } }));
    });
  });
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.teardown(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { socket, held, loads };
}

function bytesOf({ archive }: ImageArchive): number {
  return archive.reduce((total, chunk) => total + chunk.length, 0);
}

test("what the engine has is not handed to it again; its own id counts", async (t) => {
  const { socket, loads } = await engineOf(t, [image.layer]);
  t.equal(await loadImage(socket, image), "sha256:of-the-engine");
  t.equal(await loadImage(socket, image), "sha256:of-the-engine");
  t.strictSame(loads, [bytesOf(image)], "once, and whole");
});

const others: Readonly<Record<string, readonly string[]>> = {
  "another layer": [`sha256:${"1".repeat(64)}`],
  "a layer on top": [image.layer, `sha256:${"1".repeat(64)}`],
  "no layer": [],
};
for (const [what, layers] of Object.entries(others)) {
  test(`attack: an image with ${what} stands under the tag of ours`, async (t) => {
    const good = await engineOf(t, [image.layer]);
    good.held.set(image.tag, layers);
    t.equal(await loadImage(good.socket, image), "sha256:of-the-engine");
    t.equal(good.loads.length, 1, "ours takes its place");
    const bad = await engineOf(t, layers);
    await t.rejects(loadImage(bad.socket, image), { name: "ImageError", message: /not take/ });
  });
}

test("an image is there where the engine says so", async (t) => {
  const { socket, held } = await engineOf(t, []);
  t.equal(await hasImage(socket, "sha256:1"), false);
  held.set("sha256:1", []);
  t.equal(await hasImage(socket, "sha256:1"), true);
});

test("an image's id is of all that is in it, and of what it does when nobody says otherwise", (t) => {
  const again = archiveOf("shell", new Map([...tree]), "nothing");
  t.equal(again.id, image.id);
  const other: Tree = new Map([["etc/name", plainFile("b")]]);
  for (const one of [archiveOf("shell", other, "nothing"), archiveOf("shell", tree, "b 1")]) {
    t.not(one.id, image.id);
  }
  const text = Buffer.concat(image.archive).toString();
  t.match(text, '"User":"65532:65532"');
  t.match(text, '"created":"1970-01-01T00:00:00Z"');
  t.end();
});
