/** One of Debian's packages: where it comes from, and what it asks for. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Names, the first of each set of alternatives. */
  readonly depends: readonly string[];
  /** Puts its files into a folder. */
  unpack(folder: string): Promise<void>;
}

/** Names in a list of dependencies: `libc6 (>= 2.36), a | b, python3:any`. */
export function namesIn(list: string): readonly string[] {
  const names = list.split(",").map((one) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(one)?.[1]);
  return names.filter((name) => name !== undefined);
}
