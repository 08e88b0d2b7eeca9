/** What is used of `piscina`, whose own types do not pass `exactOptionalPropertyTypes`. */
export class Piscina<Task, Result> {
  constructor(options: {
    readonly filename: string;
    readonly name: string;
    readonly minThreads: number;
    readonly maxThreads: number;
    readonly idleTimeout: number;
    readonly resourceLimits: { readonly maxOldGenerationSizeMb: number };
    readonly env: Readonly<Record<string, string>>;
    readonly execArgv: readonly string[];
  });
  readonly threads: readonly unknown[];
  on(event: "error", listener: (error: Error) => void): this;
  run(task: Task, options: { readonly signal: AbortSignal }): Promise<Result>;
  destroy(): Promise<void>;
}
