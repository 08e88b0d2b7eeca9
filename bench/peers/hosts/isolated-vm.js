import { createRequire } from "node:module";
import bounds from "../bounds.json" with { type: "json" };
import { scriptOf, serveLines } from "./lines.js";

// The one that Ringward itself uses, of the main install.
const ivm = createRequire(import.meta.url)("isolated-vm");

serveLines((code) => async (input) => {
  const isolate = new ivm.Isolate({ memoryLimit: bounds.memoryMb });
  try {
    const context = await isolate.createContext();
    const script = await isolate.compileScript(scriptOf(code, input));
    return await script.run(context, { timeout: bounds.timeMs, promise: true });
  } finally {
    if (!isolate.isDisposed) isolate.dispose();
  }
});
