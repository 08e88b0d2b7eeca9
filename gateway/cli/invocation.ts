import type { Environment } from "../secrets/environment.ts";

/** Everything that a command may know of the process that it runs in. Only `main.ts` makes one. */
export interface Invocation {
  /** Without the program and the script. */
  readonly argv: readonly string[];
  readonly env: {
    /** `XDG_STATE_HOME`, where it is set. */
    readonly stateHome?: string;
    /** Any variable; for those that the deployment names, and no others. */
    readonly variable: Environment;
  };
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Absolute. */
  readonly cwd: string;
  readonly home: string;
  /** Whether a person reads what is printed. */
  readonly isTerminal: boolean;
  readonly user: User;
  /** The program that runs this process, to start another like it. */
  readonly node: string;
  /** `24.21.0` */
  readonly nodeVersion: string;
  /** Resolves when the process is asked to stop; until it is called, that ends the process. */
  readonly stopped: () => Promise<void>;
}

export interface User {
  readonly name: string;
  /** -1 where the system has no such thing. */
  readonly uid: number;
}
