import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { packageRoot } from "../gateway/cli/package-root.ts";
import type { Corpus } from "./corpus.ts";
import { hostNames } from "./places.ts";

/** What tools may reach at all; policy decides which of the places there. */
export interface Reach {
  /** Of all the demo's host names. */
  readonly address: string;
  readonly ports: readonly number[];
}

/**
 * Makes a deployment folder whose hosts are on loopback: workspace, tools and configuration. Policies
 * are the shipped ones. Returns the folder.
 */
export async function createDeployment(corpus: Corpus, ports: readonly number[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringward-demo-"));
  try {
    await furnish(folder, corpus, { address: loopback, ports });
    await writeFile(join(folder, "ringward.yaml"), stringify(configuration));
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Fills a deployment's workspace, and adds the two network tools with the demo's hosts among what they
 * may reach.
 */
export async function furnish(folder: string, corpus: Corpus, reach: Reach): Promise<void> {
  await writeWorkspace(join(folder, "workspace"), corpus);
  await adaptTool("http-fetch", join(folder, "manifests"), within(reach));
  await adaptTool("webhook-post", join(folder, "manifests"), withBudget(within(reach)));
}

/** What a deployment's configuration says for the demo: the shipped tools, and where its hosts are. */
export function toolsAndHosts(address: string): object {
  return {
    tools: [
      ...["files.list", "files.read", "files.write"],
      ...["csv.query", "json.query", "text.search", "js.run"],
    ],
    hosts: Object.fromEntries(Object.values(hostNames).map((name) => [name, address])),
  };
}

const loopback = "127.0.0.1";

const configuration = {
  apiVersion: "ringward/v1",
  kind: "Deployment",
  mode: "development",
  listen: { agents: { port: 0 }, operators: { port: 0 } },
  manifests: ["manifests"],
  ...toolsAndHosts(loopback),
};

async function writeWorkspace(folder: string, corpus: Corpus): Promise<void> {
  for (const name of ["docs", "deploy", "hooks", "notes", "policies"])
    await mkdir(join(folder, name), { recursive: true });
  for (const { name, text } of corpus.files) {
    await writeFile(join(folder, "docs", `${name}.md`), text);
  }
  await writeFile(join(folder, "packages.csv"), corpus.packagesCsv);
  await writeFile(join(folder, "deploy", "app.env"), `AWS_ACCESS_KEY_ID=${fakeKey}\n`);
  await writeFile(join(folder, "deploy", "keys.yaml"), secretManifest());
  // What a careless archive leaves behind: a way out, where the broker does not look.
  await symlink("/etc", join(folder, "docs", "archive"));
}

/** Looks like a key of a cloud and opens nothing. In parts, so that no scanner takes it for one. */
const fakeKey = ["AKIA", "RINGWARD", "DEMO2345"].join("");

/** Written backwards: what is encoded in a usual way the guards read, and no agent would get it. */
function secretManifest(): string {
  const value = [...fakeKey].reverse().join("");
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: cloud\ndata:\n  accessKeyId: ${value}\n`;
}

/** A manifest as it stands in its file; the gateway checks it when it starts. */
interface ManifestSource {
  readonly input: { readonly properties: Readonly<Record<string, object>> };
  readonly permissions: { readonly net: readonly { readonly methods: readonly string[] }[] };
}
type Change = (manifest: ManifestSource) => ManifestSource;

async function adaptTool(name: string, folder: string, change: Change): Promise<void> {
  const shipped = join(packageRoot(), "manifests", "tools", name);
  await mkdir(join(folder, name), { recursive: true });
  const source = parse(await readFile(join(shipped, "manifest.yaml"), "utf8")) as ManifestSource;
  await writeFile(join(folder, name, "manifest.yaml"), stringify(change(source)));
  await copyFile(join(shipped, `${name}.ts`), join(folder, name, `${name}.ts`));
}

function within({ address, ports }: Reach): Change {
  return ({ input, permissions, ...rest }) => {
    const { methods = [] } = permissions.net[0] ?? {};
    const host = "{{args.url.host}}";
    const url = { ...input.properties["url"], pattern: "^http://" };
    const addresses = [`${address}/32`];
    return {
      ...rest,
      input: { ...input, properties: { ...input.properties, url } },
      permissions: { net: [{ scheme: "http", host, ports, methods, addresses }] },
    };
  };
}

/** Small enough that a few repeats use it up. */
function withBudget(change: Change): Change {
  return (manifest) => ({ ...change(manifest), budget: { perSession: 3 } });
}
