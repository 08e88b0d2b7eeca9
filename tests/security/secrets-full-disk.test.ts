import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "tap";
import { emptyEnvironment } from "../../gateway/secrets/environment.ts";
import type { StoredSecret } from "../../gateway/secrets/sealed-secrets.ts";
import { changeSecretsFile, readSecretsFile } from "../../gateway/secrets/secrets-file.ts";
import { limits } from "../../manifests/limits.ts";

// The threat: a disk that is full takes a part of the new secrets, and the old ones are gone.

const binding = {
  tools: ["desk.find"],
  principals: ["alice"],
  to: { scheme: "https", host: "desk.test", ports: [443], methods: ["GET"], path: "/" },
  place: { header: "x-key" },
} as const;
const about = { createdAt: 1, changedAt: 1, binding };
const kept: StoredSecret = { name: "kept", value: "old-Value-1234", ...about };

/** In a process whose files end at four kilobytes, as those of a full disk do. */
const child = `
  import { changeSecretsFile } from ${JSON.stringify(import.meta.resolve("../../gateway/secrets/secrets-file.ts"))};
  const [place, added] = process.argv.slice(1).map((text) => JSON.parse(text));
  try {
    await changeSecretsFile({ ...place, env: () => undefined }, async (old) => [...old, added]);
    console.log("changed");
  } catch (error) {
    console.log(error.code);
  }`;

test("a file of secrets that does not fit on the disk leaves the old one", async (t) => {
  if (process.platform !== "linux") return t.comment("only Linux has `prlimit`");
  const folder = t.testdir({});
  const place = { folder, keyFile: join(folder, "secrets.key") };
  const read = (): readonly StoredSecret[] => readSecretsFile({ ...place, env: emptyEnvironment });
  await changeSecretsFile({ ...place, env: emptyEnvironment }, async () => [kept]);
  const added = { ...kept, name: "added", value: "x".repeat(limits.secretChars) };
  const program = ["--input-type=module", "-e", child];
  const words = [JSON.stringify(place), JSON.stringify(added)];
  // Without what the test runner would have it write when it ends.
  const command = ["--fsize=4096", "env", "-i", process.execPath, ...program, ...words];
  const { stdout } = await promisify(execFile)("prlimit", command);
  t.equal(stdout.trim(), "EFBIG");
  t.strictSame(read(), [kept]);
  t.notOk(readdirSync(folder).includes("secrets.sealed.new"), "and no part of the new one");
});
