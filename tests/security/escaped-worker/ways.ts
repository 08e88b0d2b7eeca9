/** Where the test has put what is worth having. */
export interface Aims {
  readonly port: number;
  readonly socketPath: string;
  readonly abstractSocket: string;
  readonly secretPath: string;
  readonly gatewayPid: number;
  readonly otherWorkerPid: number;
  readonly addressSpaceBytes: number;
  readonly openFiles: number;
  readonly processes: number;
  /** The ways that are tried; all of them where this is left out. */
  readonly ways?: readonly string[];
}

/** Returns what it got; throws where it was held off. */
export type Ways = Readonly<Record<string, (aims: Aims) => unknown>>;

export function attempt(act: () => unknown): string {
  try {
    act();
    return "done";
  } catch (error) {
    return nameOf(error);
  }
}

export function nameOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return String(code ?? message).slice(0, 60);
}
