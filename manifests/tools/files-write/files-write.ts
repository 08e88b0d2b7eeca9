import type { Host } from "../../host.ts";

export interface FilesWriteArguments {
  readonly path: string;
  readonly text: string;
}

export async function run(
  { path, text }: FilesWriteArguments,
  host: Host,
): Promise<{ readonly bytes: number }> {
  const { bytes } = await host.files.write(path, text);
  return { bytes };
}
