import type { FetchResponse, Host } from "../../host.ts";

export interface HttpFetchArguments {
  readonly url: string;
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
}

export async function run(args: HttpFetchArguments, host: Host): Promise<FetchResponse> {
  const { url, status, headers, body } = await host.fetch({
    url: args.url,
    method: args.method ?? "GET",
    ...(args.headers && { headers: args.headers }),
  });
  return { url, status, headers, body };
}
