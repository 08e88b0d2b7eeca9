import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { readImages } from "./read-images.ts";

const id = `sha256:${"a".repeat(64)}`;

test("ids by name; without a file there is no image", async (t) => {
  const folder = t.testdir({ "images.json": JSON.stringify({ shell: { id } }) });
  t.strictSame([...(await readImages(join(folder, "images.json")))], [["shell", id]]);
  t.equal((await readImages(join(folder, "none.json"))).size, 0);
});

test("a file of another form is refused, with the way to mend it", async (t) => {
  for (const text of [
    "",
    "[]",
    '{"shell":{}}',
    '{"shell":{"id":"shell:latest"}}',
    `{"shell":{"id":"${id}","tag":"x"}}`,
    `{"../x":{"id":"${id}"}}`,
    `{"shell":{"id":"${id}"},"shell":{"id":"${id}"}}`,
  ]) {
    const file = join(t.testdir({ "images.json": text }), "images.json");
    await t.rejects(
      readImages(file),
      { name: "SourceError", message: /has not the form of an images file.*images build/ },
      text,
    );
  }
  const folder = join(t.testdir({}), "folder");
  mkdirSync(folder);
  await t.rejects(readImages(folder), { name: "SourceError", message: /cannot be read: EISDIR/ });
});
