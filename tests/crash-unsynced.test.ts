import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import tap, { type Test, test } from "tap";
import { openStore } from "../gateway/store/open-store.ts";
import { sampleNow } from "../gateway/store/testing.ts";
import { crashAndCheck } from "./support/crash-rounds.ts";
import { isRequired } from "./support/require.ts";

tap.setTimeout(110_000);

test("a machine that loses power again and again keeps all that was acknowledged", async (t) => {
  const root = realpathSync(t.testdir());
  const layer = compileLayer(root);
  if (layer === undefined) {
    if (isRequired("cc")) t.fail("RINGWARD_REQUIRE asks for `cc`, and it does not compile here");
    else t.pass("left out: there is no C compiler here for the file layer");
    return;
  }
  await loseAgainAndAgain(t, root, layer);
});

/** Linux only: elsewhere a library is preloaded in other ways. */
function compileLayer(root: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  const layer = join(root, "unsynced.so");
  const source = join(import.meta.dirname, "support", "crash-unsynced.c");
  const flags = ["-O2", "-shared", "-fPIC", "-o", layer, source, "-ldl", "-lpthread"];
  return spawnSync("cc", flags, { stdio: "ignore" }).status === 0 ? layer : undefined;
}

async function loseAgainAndAgain(t: Test, root: string, layer: string): Promise<void> {
  const folder = join(root, "state");
  const image = join(root, "disk");
  mkdirSync(folder);
  mkdirSync(image);
  const seed = Number(process.env["RINGWARD_SEED"] ?? randomInt(2 ** 31));
  t.comment(`RINGWARD_SEED=${seed}`);
  const env = { LD_PRELOAD: layer, UNSYNCED_FOLDER: folder, UNSYNCED_IMAGE: image };
  const afterKill = (): void => {
    rmSync(folder, { recursive: true });
    cpSync(image, folder, { recursive: true });
  };
  await crashAndCheck(t, { folder, rounds: 30, seed, longestMs: 60, env, afterKill });
  const store = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.strictSame(await store.calls.list({ status: "running" }), [], "what was in doubt is unknown");
  await store.close();
}
