// Whether the gateway in this container takes calls: `HEALTHCHECK` of the Dockerfile. Asks the
// agents' door on loopback, so the name in its certificate is another one; nothing secret is sent.
import { request } from "node:https";

const timeout = AbortSignal.timeout(4_000);
const asked = request(
  { host: "127.0.0.1", port: 8700, path: "/readyz", rejectUnauthorized: false, signal: timeout },
  (answer) => {
    answer.resume();
    process.exitCode = answer.statusCode === 200 ? 0 : 1;
  },
);
asked.once("error", () => {
  process.exitCode = 1;
});
asked.end();
