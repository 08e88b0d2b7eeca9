type Run = (host: unknown) => Promise<unknown>;
const AsyncFunction = (async () => undefined).constructor as new (
  name: string,
  body: string,
) => Run;

/** Runs the code of an attack as a tool that has a host. */
export function run({ code }: { readonly code: string }, host: unknown): Promise<unknown> {
  return new AsyncFunction("host", code)(host);
}
