import type { Host } from "../../host.ts";

export interface WebhookPostArguments {
  readonly url: string;
  readonly body: unknown;
}

export async function run(
  args: WebhookPostArguments,
  host: Host,
): Promise<{ readonly status: number; readonly body: string }> {
  const { status, body } = await host.fetch({
    url: args.url,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(args.body),
  });
  return { status, body };
}
