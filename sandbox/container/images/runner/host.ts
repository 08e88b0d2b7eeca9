import { request } from "node:http";
import type { Host } from "../../../../manifests/host.ts";

/** The folder of the way out is mounted here. */
export const proxySocket = "/run/ringward/proxy.sock";

/** What a tool is given beside its arguments, as `manifests/host.ts` promises it. */
export function hostOf(credential: string | undefined, parse: (text: string) => unknown): Host {
  const ask = async (name: string, args: unknown): Promise<never> => {
    const { status, text } = await post(name, JSON.stringify(args), credential);
    const answer = parse(text);
    if (status === 200) return answer as never;
    const { code, detail } = answer as { readonly code: string; readonly detail: string };
    throw Object.assign(new Error(detail), { code });
  };
  return {
    files: {
      read: (path) => ask("files.read", { path }),
      write: (path, text) => ask("files.write", { path, text }),
      list: (path) => ask("files.list", { path }),
    },
    fetch: (asked) => ask("fetch", asked),
    secret: (name) => ask("secret", { name }),
    log: (text) => void process.stderr.write(`${text}\n`),
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function post(name: string, body: string, credential: string | undefined): Promise<Answer> {
  const headers = {
    host: "ringward",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "proxy-authorization": `Basic ${Buffer.from(`call:${credential}`).toString("base64")}`,
  };
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath: proxySocket, path: `/host/${name}`, method: "POST", headers, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    asking.on("error", reject);
    asking.end(body);
  });
}
