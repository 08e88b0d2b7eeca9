// The bare counterpart of a tool run: a fresh isolate and context, the same script, one string out.
import ivm from "isolated-vm";

process.on("message", ({ id, code }) => {
  runOnce(code).then(
    (output) => process.send({ id, output }),
    (error) => process.send({ id, error: String(error) }),
  );
});

async function runOnce(code) {
  const isolate = new ivm.Isolate({ memoryLimit: 32 });
  const context = await isolate.createContext();
  const script = await isolate.compileScript(code);
  const output = await script.run(context, { timeout: 1_000 });
  isolate.dispose();
  return output;
}
