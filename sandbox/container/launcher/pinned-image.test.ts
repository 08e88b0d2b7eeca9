import { test } from "tap";
import type { Engine, EngineImage } from "./engine.ts";
import { pinnedImage } from "./pinned-image.ts";

const id = `sha256:${"1".repeat(64)}`;
const digest = `registry.example/tool@sha256:${"2".repeat(64)}`;

/** Of an engine that has one image, whatever it is asked for. */
function find(pin: string, image: Partial<EngineImage> | undefined): Promise<EngineImage> {
  const found = image && { id, env: [], volumes: [], digests: [], ...image };
  return pinnedImage(pin, { image: async () => found } as Partial<Engine> as Engine);
}

test("an image is known by its id, or by the digest that a registry gave it", async (t) => {
  t.match(await find(id, {}), { id });
  t.match(await find(digest, { digests: [`other@sha256:${"3".repeat(64)}`, digest] }), { id });
});

test("an engine's word for another image is not taken", async (t) => {
  await t.rejects(find(id, { id: `sha256:${"4".repeat(64)}` }), { code: "IMAGE_MISMATCH" });
  await t.rejects(find(digest, {}), { code: "IMAGE_MISMATCH" });
  const other = digest.replace("tool", "evil");
  await t.rejects(find(digest, { digests: [other] }), { code: "IMAGE_MISMATCH" });
  await t.rejects(find(id, undefined), { code: "IMAGE_UNAVAILABLE" });
});
