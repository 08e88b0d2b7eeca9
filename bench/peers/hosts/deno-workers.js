// Runs in Deno, which knows `Worker`: one for each call, with no permission.
import bounds from "../bounds.json" with { type: "json" };
import { serveLines } from "./lines.js";

serveLines((code) => {
  const program = `${code};
    self.onmessage = async ({ data }) => self.postMessage(JSON.stringify(await run(JSON.parse(data))));`;
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  return (input) => runOnce(url, input);
});

async function runOnce(url, input) {
  const worker = new Worker(url, { type: "module", deno: { permissions: "none" } });
  let late;
  try {
    return await new Promise((resolve, reject) => {
      late = setTimeout(() => reject(new Error("out of time")), bounds.timeMs);
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      worker.postMessage(input);
    });
  } finally {
    clearTimeout(late);
    worker.terminate();
  }
}
