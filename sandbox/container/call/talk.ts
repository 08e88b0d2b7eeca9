import type { JsonValue } from "../../../manifests/json.ts";

/**
 * What a program in a container is told: one line of JSON on its standard input, and then the end.
 * It answers with one document on its standard output.
 */
export interface Told {
  /** Thirty-two hexadecimal digits, made for this call when it begins; the answer repeats it. */
  readonly nonce: string;
  readonly arguments: JsonValue;
  /** Bundled JavaScript that leaves `run` on its global `tool`, where the tool is our own code. */
  readonly code?: string;
  /** The way out, good for this call: `Proxy-Authorization` of requests at the socket. */
  readonly credential?: string;
  /** Base64 of the files that it may write, by path; it finds them in `/work`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Exactly one of `output` and `error`. */
export interface Said {
  readonly nonce: string;
  readonly output?: JsonValue;
  /** Told to the agent. */
  readonly error?: string;
  /** Of an error: the refusal that led to it. Believed where a door really gave it to this call. */
  readonly code?: string;
  /** Base64 of the files of `/work` that it leaves, by path; what is not granted is refused. */
  readonly files?: Readonly<Record<string, string>>;
}
