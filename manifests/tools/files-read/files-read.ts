import type { Host } from "../../host.ts";

export interface FilesReadArguments {
  readonly path: string;
}

export async function run(
  { path }: FilesReadArguments,
  host: Host,
): Promise<{ readonly text: string }> {
  return { text: await host.files.read(path) };
}
