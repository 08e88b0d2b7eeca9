import { createHash } from "node:crypto";
import { tarOf } from "./tar.ts";
import { plainFile, type Tree } from "./tree.ts";

export interface ImageArchive {
  /** What an engine loads, in chunks. */
  readonly archive: readonly Uint8Array[];
  /** `sha256:…` of its configuration: what is in it, and nothing of when and where it was made. */
  readonly id: string;
  /** `sha256:…` of its one layer. */
  readonly layer: string;
  /** A name under which it is loaded, so that no clean-up of an engine takes it away. */
  readonly tag: string;
}

/** A tree as an image that `docker load` takes. The same tree has the same id. */
export function archiveOf(name: string, tree: Tree, builtFrom: string): ImageArchive {
  const layer = tarOf(tree);
  const layerDigest = digestOf(layer);
  const config = JSON.stringify(configOf(layerDigest, { name, builtFrom }));
  const digest = digestOf([Buffer.from(config)]);
  const tag = `ringward/${name}:${digest.slice(0, 12)}`;
  const archive = tarOf(
    new Map([
      [`${digest}.json`, plainFile(config)],
      ["layer.tar", { kind: "file", mode: 0o644, bytes: Buffer.concat(layer) }],
      ["manifest.json", plainFile(manifestOf(digest, tag))],
    ]),
  );
  return { archive, id: `sha256:${digest}`, layer: `sha256:${layerDigest}`, tag };
}

function configOf(
  layer: string,
  labels: { readonly name: string; readonly builtFrom: string },
): object {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      User: "65532:65532",
      WorkingDir: "/work",
      Entrypoint: ["/ringward/run"],
      Labels: { "ringward.image": labels.name, "ringward.built-from": labels.builtFrom },
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "ringward images build" }],
  };
}

/** What engines call the architectures of Node. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

function manifestOf(digest: string, tag: string): string {
  return JSON.stringify([{ Config: `${digest}.json`, RepoTags: [tag], Layers: ["layer.tar"] }]);
}

function digestOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}
