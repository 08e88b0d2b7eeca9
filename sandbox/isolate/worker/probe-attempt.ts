/** The name of the error that an attempt met; `done` where it met none. */
export function attempt(act: () => unknown): string {
  try {
    act();
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
  }
}

export function attempts<T>(ways: readonly T[], act: (way: T) => unknown): string {
  return [...new Set(ways.map((way) => attempt(() => act(way))))].join(" ");
}
