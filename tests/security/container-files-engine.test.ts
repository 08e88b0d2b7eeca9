// What a program in a container really sees of the workspace, and can do with it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { busyboxImage } from "../support/busybox-image.ts";
import { engineWith, type TestEngine } from "../support/engine.ts";
import { heardOf, type TestLauncher, testLauncher } from "../support/test-launcher.ts";
import { everything, grantOf } from "./broker-fixtures.ts";

const script = `
cat /workspace/docs/written.txt /workspace/docs/private.txt
for name in written.txt new.txt; do
  echo x > /workspace/docs/$name || true
done
rm -f /workspace/docs/written.txt
ls -a /workspace /workspace/docs`;

for (const tier of ["container", "gvisor"] as const) {
  test(`a program reads what it may, and changes nothing: ${tier}`, async (t) => {
    const engine = await engineWith(t, tier);
    if (!engine) return;
    const { launch, folder } = await launcherFor(t, engine);
    const docs = join(folder, "workspace/docs");
    mkdirSync(docs);
    writeFileSync(join(docs, "private.txt"), "the owner's alone", { mode: 0o600 });
    const door = doorTo(join(folder, "workspace"));
    await door.request("files.write", { path: "docs/written.txt", text: "by a tool\n" });
    await door.mount("docs");
    const launched = await launch({ tier, mounts: ["docs"] });
    const hearing = heardOf(launched);
    launched.endInput();
    const { stdout, stderr } = await hearing;
    await launched.kill();
    t.equal(stdout.split("\n")[0], "by a tool", "what tools wrote can be read");
    t.notMatch(stdout, "the owner's alone", "what its owner keeps from others cannot");
    t.equal(stderr.match(/denied|ead-only/g)?.length, 4, stderr);
    t.notMatch(stdout, /new\.txt|\.ringward/);
    t.equal(await door.request("files.read", { path: "docs/written.txt" }), "by a tool\n");
  });
}

async function launcherFor(t: Test, engine: TestEngine): Promise<TestLauncher> {
  const image = await busyboxImage(engine);
  const tools = [{ script, reads: [{ path: "docs", access: "read" } as const] }];
  return await testLauncher(t, { engine: engine.socket, image, tools });
}

function doorTo(workspace: string): BrokerDoor {
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [] });
  const grant = grantOf({ permissions: { net: [], fs: everything } });
  return broker.open(grant, new AbortController().signal);
}
