import type { OpenedSession } from "../../../agent/answers.ts";
import type { SessionWish } from "../../../agent/client.ts";
import { type Deployed, ringwardInside } from "./command-line.ts";

/** As the application does it: with a key of its own. */
export async function openSession(scene: Deployed, wish: SessionWish): Promise<OpenedSession> {
  const made = await ringwardInside(scene, ["keys", "new", "host", "--principal", "app"]);
  const { secret } = made as { secret: string };
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(wish) };
  return (await askGateway(scene, "/v1/sessions", request)) as OpenedSession;
}

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** From the machine, at the door's address on its loopback; what is answered. */
export async function askGateway(
  { composition }: Deployed,
  path: string,
  request: Partial<Request> = {},
): Promise<unknown> {
  const { stdout } = await composition.run("agent", {
    entrypoint: ["node", "-e", asking],
    input: JSON.stringify({ path, request }),
    network_mode: "host",
  });
  return JSON.parse(stdout);
}

const asking = `
const { path, request } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
fetch("https://localhost:8700" + path, request).then(async (answer) => {
  process.stdout.write(await answer.text());
});`;
