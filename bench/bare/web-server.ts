import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { psk, pskTls } from "./psk-tls.ts";

/** What programs of the bench ask, in plain and in TLS: a page of a kilobyte. */
const page = Buffer.alloc(1_024, "x");
const http = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": page.length });
  response.end(page);
});
const tls = createTlsServer({ ...pskTls, pskCallback: () => psk }, (socket) => {
  http.emit("connection", socket);
});
process.send?.({ plainPort: await listen(http), tlsPort: await listen(tls) });
process.on("disconnect", () => process.exit(0));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
