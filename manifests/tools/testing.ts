import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FetchRequest, FetchResponse, Host } from "../host.ts";
import { type Manifest, parseManifest } from "../manifest.ts";
import { parseYamlSource } from "../yaml-source.ts";

/** The manifest in a tool's folder, parsed. For tests. */
export function manifestIn(folder: string): Manifest {
  const file = join(folder, "manifest.yaml");
  return parseYamlSource({ file, text: readFileSync(file, "utf8") }, parseManifest);
}

/** A host that answers from memory and remembers what it was asked. For tests. */
export interface FakeHost extends Host {
  readonly texts: Map<string, string>;
  readonly requests: FetchRequest[];
}

export function fakeHost(response?: Partial<FetchResponse>): FakeHost {
  const texts = new Map<string, string>();
  const requests: FetchRequest[] = [];
  return {
    texts,
    requests,
    files: {
      read: (path) => promise(() => texts.get(path) ?? raise("no such file")),
      write: (path, text) =>
        promise(() => {
          texts.set(path, text);
          return { bytes: Buffer.byteLength(text) };
        }),
      list: () =>
        promise(() => [...texts.keys()].map((name) => ({ name, kind: "file", bytes: 1 }))),
    },
    fetch: (request) =>
      promise(() => {
        requests.push(request);
        return { url: request.url, status: 200, headers: {}, body: "", ...response };
      }),
    secret: (name) => Promise.resolve(`handle-of-${name}`),
    log: () => undefined,
  };
}

function promise<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}

function raise(message: string): never {
  throw new Error(message);
}
