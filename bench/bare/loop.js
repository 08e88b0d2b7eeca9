// The bare counterpart of a whole call: create, context, compile, run, dispose; nothing around it.
import ivm from "isolated-vm";

process.on("message", (calls) => {
  void runAll(calls).then((seconds) => process.send(seconds));
});

/** Resolves with the processor seconds that the calls took, all threads together. */
async function runAll(calls) {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) await runOnce();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function runOnce() {
  const isolate = new ivm.Isolate({ memoryLimit: 32 });
  const context = await isolate.createContext();
  const script = await isolate.compileScript("JSON.stringify((() => { return 6 * 7; })())");
  await script.run(context, { timeout: 1_000 });
  isolate.dispose();
}
