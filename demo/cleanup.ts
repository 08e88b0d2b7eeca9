/** What has to be undone at the end, in reverse order, whatever happened. */
export interface Cleanup {
  /** Remembers how to undo something, and hands it on. */
  add<T>(made: T, undo: (made: T) => Promise<unknown>): T;
  /** Undoes everything once; each, even where another fails. Throws the first failure. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    add(made, undo) {
      steps.push(() => undo(made));
      return made;
    },
    async run() {
      const failures: unknown[] = [];
      for (const undo of steps.splice(0).reverse()) {
        await undo().catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
