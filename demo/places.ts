import type { Cleanup } from "./cleanup.ts";
import { type Corpus, collectCorpus } from "./corpus.ts";
import { type Place, startCollector, startDocumentServer } from "./document-server.ts";
import { plantInstructions } from "./planted.ts";

/** Names that the demo's deployment resolves by itself. All of them are really served. */
export const hostNames = {
  pages: "docs.demo.test",
  reports: "reports.demo.test",
  collector: "metrics.demo.test",
} as const;

/** The servers that the demo's tools may meet, and what there is to read. */
export interface Places {
  /** With instructions planted into some of it. */
  readonly corpus: Corpus;
  /** The attacker's own server. */
  readonly collector: Place;
  /** Of all the servers, on loopback. */
  readonly ports: readonly number[];
  readonly pagesUrl: string;
  readonly reportUrl: string;
}

export async function startPlaces(cleanup: Cleanup): Promise<Places> {
  const plain = await collectCorpus();
  const collector = cleanup.add(await startCollector(), ({ close }) => close());
  const planted = (port: number): Corpus =>
    plantInstructions(plain, {
      documents: `http://${hostNames.pages}:${port}`,
      collector: `http://${hostNames.collector}:${collector.port}`,
    });
  const documents = cleanup.add(
    await startDocumentServer((port) => planted(port).pages),
    ({ close }) => close(),
  );
  return {
    corpus: planted(documents.port),
    collector,
    ports: [documents.port, collector.port],
    pagesUrl: `http://${hostNames.pages}:${documents.port}/`,
    reportUrl: `http://${hostNames.reports}:${documents.port}/done`,
  };
}
