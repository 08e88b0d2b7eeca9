/**
 * What a tool's code is given beside its arguments: `run(args, host)`. Every function but `log` is
 * a request to the broker, outside the sandbox, and is granted only within the grant of the call.
 * A request that is not granted rejects with an `Error` whose `code` is a refusal code.
 */
export interface Host {
  readonly files: {
    /** The file's text; UTF-8 only. */
    read(path: string): Promise<string>;
    /** Creates or replaces the file. */
    write(path: string, text: string): Promise<{ readonly bytes: number }>;
    /** What a folder holds, sorted by name. */
    list(path: string): Promise<readonly FileEntry[]>;
  };
  fetch(request: FetchRequest): Promise<FetchResponse>;
  /**
   * A handle for a secret of the manifest, good for this call. Set it as the whole value of the
   * place that the manifest declares; the broker puts the value there. Anywhere else it ends the
   * call. The value itself never gets here: where an answer says it, it is redacted.
   */
  secret(name: string): Promise<string>;
  /** Goes to the operators' record, never to the agent. */
  log(text: string): void;
}

export interface FileEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "other";
  /** Of a file; 0 for everything else. */
  readonly bytes: number;
}

export interface FetchRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FetchResponse {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** Lower-case names; several values of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8. */
  readonly body: string;
}
