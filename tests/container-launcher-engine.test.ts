import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { busyboxImage } from "./support/busybox-image.ts";
import { privateEngine } from "./support/engine.ts";
import { pinOf, testLauncher } from "./support/test-launcher.ts";

test("an engine that dies ends what runs, and when it is back nothing of it is left", async (t) => {
  const engine = await privateEngine(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const tools = [{ script: "sleep 600" }];
  const { launch, launcher, names, notes } = await testLauncher(t, {
    engine: engine.socket,
    image,
    tools,
  });
  const all = await Promise.all([launch(), launch(), launch()]);
  await engine.kill();
  for (const one of all) {
    t.match(await one.ended, { exitCode: undefined, lost: "engine" });
    await one.kill();
  }
  await t.rejects(launch(), { code: "ENGINE_UNAVAILABLE" });
  await t.rejects(launcher.facts(), { code: "ENGINE_UNAVAILABLE" });
  t.ok(notes.some((note) => note.startsWith("a container was lost")));
  await engine.start();
  const again = await launch();
  t.equal((await names()).length, 1, "those from before went first");
  await again.kill();
});

test("an engine that is stopped takes its containers along: none of them ended by itself", async (t) => {
  const engine = await privateEngine(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const tools = [
    { script: "trap 'exit 143' TERM; while :; do sleep 0.1; done" },
    { script: "exit 143" },
  ];
  const { launch } = await testLauncher(t, { engine: engine.socket, image, tools });
  const byItself = await launch({ pin: pinOf(1) });
  t.match(await byItself.ended, { exitCode: 143, lost: undefined });
  const all = await Promise.all([launch(), launch()]);
  await engine.stop();
  for (const one of all) {
    t.match(await one.ended, { exitCode: undefined, lost: "engine" });
    await one.kill();
  }
  await t.rejects(launch(), { code: "ENGINE_UNAVAILABLE", message: "no container engine answers" });
});

test("a launcher that starts before its engine removes what is left as soon as it is there", async (t) => {
  const engine = await privateEngine(t);
  if (!engine) return;
  const image = await busyboxImage(engine);
  const tools = [{ script: "sleep 600" }];
  const first = await testLauncher(t, { engine: engine.socket, image, tools });
  await first.launch();
  await engine.kill();
  await first.close();
  const { instance } = first.options;
  const second = await testLauncher(t, { engine: engine.socket, image, tools, instance });
  await engine.start();
  while ((await second.names()).length > 0) await sleep(20);
  await second.launch();
});
