import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { test } from "tap";
import { type BuiltImage, buildImage } from "../sandbox/container/images/build-image.ts";
import { hasImage, loadImage } from "../sandbox/container/images/load-image.ts";
import { type ImageName, imageNames, recipes } from "../sandbox/container/images/recipes.ts";
import { engineFor } from "./support/engine.ts";
import { sharedFolder } from "./support/shared-folder.ts";
import { testImage } from "./support/test-images.ts";

/** Of this process: each was built once for the suite already. */
const built: Map<ImageName, BuiltImage> = new Map();

async function image(name: ImageName): Promise<BuiltImage> {
  const image = built.get(name) ?? (await build(name));
  built.set(name, image);
  return image;
}

/** From the packages that the suite has fetched already, if it has. */
function build(name: ImageName): Promise<BuiltImage> {
  const { execPath: node, version: nodeVersion } = process;
  return buildImage(recipes[name], { cache: join(sharedFolder(), "packages"), node, nodeVersion });
}

test("an image that is built twice is the same, and the engine counts its id as we do", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const docker = new Docker({ socketPath: engine.socket });
  const here = process.cwd();
  const elsewhere = mkdtempSync(join(tmpdir(), "ringward-images-"));
  t.teardown(() => rmSync(elsewhere, { recursive: true }));
  for (const name of imageNames) {
    const { id, archive } = await testImage(name);
    process.chdir(elsewhere);
    const again = await image(name).finally(() => process.chdir(here));
    t.equal(again.id, id, name);
    t.ok(Buffer.concat(again.archive).equals(readFileSync(archive)), name);
    t.equal(await loadImage(engine.socket, again), id, "the engine's id");
    t.equal(await loadImage(engine.socket, again), id, "and again");
    t.ok(await hasImage(engine.socket, id));
    const { Config } = await docker.getImage(id).inspect();
    t.match(Config, {
      User: "65532:65532",
      Labels: { "ringward.image": name, "ringward.built-from": /busybox-static \d/ },
    });
  }
  t.notOk(await hasImage(engine.socket, `sha256:${"0".repeat(64)}`));
});

test("attack: another image has the tag of one of ours", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const layer = `sha256:${"1".repeat(64)}`;
  await t.rejects(loadImage(engine.socket, { ...(await image("shell")), layer }), {
    name: "ImageError",
    message: /^the engine does not take the image/,
  });
});

test("without an engine an image is not loaded, and the next step is named", async (t) => {
  const socket = join(tmpdir(), "ringward-no.sock");
  const archive = { archive: [], id: "sha256:0", layer: "sha256:1", tag: "ringward/shell:0" };
  await t.rejects(loadImage(socket, archive), {
    name: "ImageError",
    message: /no container engine at .*no\.sock`: ENOENT \(start one, or name its socket/,
  });
});

const listing = `cd /; find . -xdev \\( -path ./proc -o -path ./sys -o -path ./dev \\) -prune -o \\
  \\( -perm /6000 -o -perm -0002 ! -type l ! -name tmp -o -type b -o -type c -o -type p \\) -print
find usr lib -type l ! -exec test -e {} \\; -print
for one in usr/bin/*; do test -x $one || echo not a program: $one; done
test -s etc/ssl/certs/ca-certificates.crt || echo no authorities
find . -xdev ! -user 0 -print | grep -v -E '^./(proc|sys|dev)'`;

test("no file of an image raises anybody, can be written, or leads nowhere", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const docker = new Docker({ socketPath: engine.socket });
  for (const name of imageNames) {
    const id = await loadImage(engine.socket, await image(name));
    const container = await docker.createContainer({
      Image: id,
      Entrypoint: ["/bin/sh", "-c", listing],
      User: "0:0",
      HostConfig: { NetworkMode: "none", AutoRemove: false },
    });
    t.teardown(() => container.remove({ force: true }));
    await container.start();
    await container.wait();
    const said = await container.logs({ stdout: true, stderr: true });
    t.equal(said.toString().replace(/[^\n -~]/g, ""), "", name);
  }
});
