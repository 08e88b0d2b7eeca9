import { join } from "node:path";
import Database from "better-sqlite3";
import { type Test, test } from "tap";
import { verifyRecord } from "../gateway/audit/verify.ts";
import type { FileToWrite } from "../gateway/store/store.ts";
import { cleanLabel } from "../manifests/label.ts";
import { type OpenedStore, openTestStore } from "./support/open-test-store.ts";

const untrusted = { integrity: "untrusted", confidentiality: "public" } as const;
const secret = { integrity: "trusted", confidentiality: "secret" } as const;

function file(change: Partial<FileToWrite> = {}): FileToWrite {
  const places = { path: "docs/a", folder: "docs", trees: ["docs/a", "docs", "."] };
  const from = { call: "c", session: "s" };
  return { ...places, content: "aa", label: cleanLabel, ...from, ...change };
}

test("knows a file by path and content together", async (t) => {
  const { files } = (await openTestStore(t)).store;
  await files.record(file());
  t.strictSame(await files.find("docs/a", "aa"), { written: cleanLabel, highest: "public" });
  t.strictSame(await files.find("docs/a", "bb"), { highest: "public" });
  t.strictSame(await files.find("docs/b", "aa"), { highest: "public" });
});

test("is as trusting as the last writer, and as secretive as the most secret", async (t) => {
  const { files } = (await openTestStore(t)).store;
  for (const label of [secret, untrusted]) await files.record(file({ label }));
  const highest = "secret";
  t.strictSame(await files.find("docs/a", "aa"), {
    written: { integrity: "untrusted", confidentiality: highest },
    highest,
  });
  await files.record(file({ content: "bb" }));
  t.strictSame(await files.find("docs/a", "bb"), { written: cleanLabel, highest });
  t.equal(await files.highestIn("docs"), highest);
  t.equal(await files.highestIn("doc"), "public");
});

const edits = [
  "UPDATE files SET integrity = 0",
  "UPDATE files SET confidentiality = 0",
  "DELETE FROM files",
  "UPDATE files SET folder = 'x'",
  "INSERT INTO files SELECT 'x', content, folder, 0, 0 FROM files",
];

for (const edit of edits) {
  test(`a label that was edited is found: ${edit}`, async (t) => {
    const opened = await openTestStore(t);
    await opened.store.files.record(file({ label: secret }));
    await opened.store.files.record(file({ label: { ...secret, ...untrusted } }));
    await checkAndEdit(t, opened, edit);
    t.match(await verifyRecord(opened.folder), {
      verified: false,
      faults: [{ what: "labels of files are not those that the record gave them" }],
    });
  });
}

async function checkAndEdit(t: Test, { store, folder }: OpenedStore, edit: string): Promise<void> {
  await store.close();
  t.match(await verifyRecord(folder), { verified: true });
  const db = new Database(join(folder, "store.sqlite"));
  db.exec(edit);
  db.close();
}
