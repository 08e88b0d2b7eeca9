import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Document } from "./corpus.ts";

/** A server on loopback that stands for a place on the network. */
export interface Place {
  readonly port: number;
  /** Bodies that were posted here, or addresses that were fetched, oldest first. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/** Serves pages with an index, takes reports, and leads one link to the cloud's metadata. */
export function startDocumentServer(
  pagesOf: (port: number) => readonly Document[],
): Promise<Place> {
  return startPlace((path, port) => {
    const pages = pagesOf(port);
    if (path === "/") return found(htmlIndex(pages));
    if (path === "/done") return found("thank you");
    if (path === "/status") return { status: 302, location: metadataUrl, body: "" };
    const page = pages.find(({ name }) => path === `/${name}`);
    return page === undefined ? { status: 404, body: "no such page" } : found(htmlPage(page));
  });
}

/** The attacker's own server: it is really there, so whatever arrives here did get out. */
export function startCollector(): Promise<Place> {
  return startPlace(() => found("thank you"));
}

export const metadataUrl = "http://169.254.169.254/latest/meta-data/";

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

function found(body: string): Answer {
  return { status: 200, body };
}

async function startPlace(answer: (path: string, port: number) => Answer): Promise<Place> {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? "/";
    received.push(`${path} ${Buffer.concat(chunks).toString()}`);
    const { status, body, location } = answer(path, request.socket.localPort ?? 0);
    response.writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      ...(location && { location }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, received, close: () => close(server) };
}

function htmlIndex(pages: readonly Document[]): string {
  const items = pages.map(({ name, origin }) => `<li><a href="/${name}">${origin}</a></li>`);
  return `<!doctype html><title>Documents</title><ul>\n${items.join("\n")}\n</ul>`;
}

function htmlPage({ origin, text }: Document): string {
  return `<!doctype html><title>${origin}</title><article>\n${text}\n</article>`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
