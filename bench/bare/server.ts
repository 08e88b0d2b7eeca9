import Fastify from "fastify";
import { startBareWorkers } from "./workers.ts";

/** A tool server with no rings at all: Fastify before two processes that run `isolated-vm`. */
const workers = startBareWorkers(2);
const app = Fastify();
app.post("/", async (request) => {
  const { code } = request.body as { code: string };
  return { status: "completed", output: await workers.run(code) };
});
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ url: `${address}/` });
process.on("disconnect", () => process.exit(0));
