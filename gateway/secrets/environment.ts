/** A variable of the environment; `main.ts` alone can make one that reads the real one. */
export type Environment = (name: string) => string | undefined;

export const emptyEnvironment: Environment = () => undefined;
