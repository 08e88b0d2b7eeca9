interface Host {
  readonly files: { list(path: string): Promise<unknown> };
  log(text: string): void;
}

type Flood = (host: Host) => unknown;

const word = "sesame=0123456789abcdef ";

const floods: Readonly<Record<string, Flood>> = {
  /** Until the gateway has enough. */
  requests: (host) => Promise.all(Array.from({ length: 10_000 }, () => host.files.list("."))),
  log(host) {
    for (;;) host.log(word.repeat(1_000));
  },
  /** As much as may come out, so that the guards read all of it. */
  output: () => word.repeat(Math.floor(1_000_000 / word.length)),
  oversize: () => word.repeat(1_000_000),
};

export function run(args: { readonly with: string }, host: Host): unknown {
  return floods[args.with]?.(host);
}
