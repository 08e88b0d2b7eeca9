import type { FileEntry, Host } from "../../host.ts";

export interface FilesListArguments {
  readonly path: string;
}

export async function run(
  { path }: FilesListArguments,
  host: Host,
): Promise<{ readonly entries: readonly FileEntry[] }> {
  return { entries: await host.files.list(path) };
}
