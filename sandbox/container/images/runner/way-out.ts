import { existsSync } from "node:fs";
import { connect, createServer } from "node:net";
import { proxySocket } from "./host.ts";

const port = 3128;

/**
 * What programs of the call find in their environment. Where there is a way out, a port on `lo`
 * leads to it, for programs that know nothing of its socket.
 */
export async function environmentOf(
  credential: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (credential === undefined || !existsSync(proxySocket)) return {};
  // Of a tunnel each half ends by itself.
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: proxySocket, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const way = `http://call:${credential}@127.0.0.1:${port}`;
  return { http_proxy: way, https_proxy: way, HTTP_PROXY: way, HTTPS_PROXY: way };
}
