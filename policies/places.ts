import { limits } from "../manifests/limits.ts";
import { type HttpMethod, httpMethods } from "../manifests/permissions.ts";
import { Refusal } from "../manifests/refusals.ts";

/** Where a URL in an argument leads, as permissions are written. */
export interface UrlPlace {
  readonly scheme: string;
  /** Lower case, punycode, without a trailing dot. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/**
 * Reads a URL as the WHATWG standard does, which is how the broker reads it too. What that standard
 * silently mends (white space, backslashes) is refused: policy judged the text as it stands.
 *
 * @throws {Refusal} `PERMISSION_EXCEEDED`.
 */
export function urlPlace(text: string, argument: string): UrlPlace {
  if (text.length > limits.urlChars || hasControl(text) || /[\s\\]/.test(text)) {
    throw exceeded(`\`${argument}\` is not a plain URL`);
  }
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw exceeded(`\`${argument}\` is not an http or https URL`);
  }
  if (url.username !== "" || url.password !== "") {
    throw exceeded(`\`${argument}\` carries a user name or password`);
  }
  const scheme = url.protocol.slice(0, -1);
  const standardPort = scheme === "https" ? 443 : 80;
  const port = url.port === "" ? standardPort : Number(url.port);
  return { scheme, host: hostOf(url, argument), port, path: url.pathname };
}

function hostOf({ hostname }: URL, argument: string): string {
  const host = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  if (host === "" || host.endsWith(".")) throw exceeded(`\`${argument}\` names no host`);
  return host;
}

/**
 * A path beneath the workspace in its only spelling, so that a policy that names a folder cannot be
 * passed by another spelling of it.
 *
 * @throws {Refusal} `PERMISSION_EXCEEDED`.
 */
export function workspacePath(text: string, argument: string): string {
  if (text === ".") return text;
  if (text.length > limits.pathChars) throw exceeded(`\`${argument}\` is too long for a path`);
  if (hasControl(text) || text.includes("\\") || !text.isWellFormed()) {
    throw exceeded(`\`${argument}\` has characters that no path here may have`);
  }
  if (text.startsWith("/")) throw exceeded(`\`${argument}\` is absolute; paths are relative`);
  const segments = text.split("/");
  if (segments.length > limits.pathDepth) throw exceeded(`\`${argument}\` is too deep`);
  if (segments.some((segment) => ["", ".", ".."].includes(segment))) {
    throw exceeded(`\`${argument}\` has an empty, \`.\` or \`..\` segment`);
  }
  return text;
}

/** @throws {Refusal} `PERMISSION_EXCEEDED` for what is no method at all. */
export function httpMethod(text: string): HttpMethod {
  const method = httpMethods.find((known) => known === text.toUpperCase());
  if (method === undefined) throw exceeded("`method` is not a method that tools may use");
  return method;
}

/** The refusal of ring 6; `detail` is told to the agent. */
export function exceeded(detail: string): Refusal {
  return new Refusal("PERMISSION_EXCEEDED", detail);
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
