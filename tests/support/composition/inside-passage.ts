// Runs in a container: whoever reaches one of its ports reaches the socket of that number.
import { forward } from "./forward.ts";

for (const port of process.argv.slice(1).map(Number)) {
  await forward({ port, host: "0.0.0.0" }, { path: `/passages/${port}` });
}
process.stdout.write("listening\n");
