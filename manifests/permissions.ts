import { z } from "zod";
import { limits } from "./limits.ts";

/** One kind of request that a call may make. */
export interface NetPermission {
  readonly scheme: "http" | "https";
  /** A host name or an IP literal, lower case, without a trailing dot. No wildcards in a grant. */
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods: readonly HttpMethod[];
  /** Path prefix, by whole segments: `/v1` covers `/v1` and `/v1/x`, not `/v10`. */
  readonly path: string;
  /** Special address ranges (CIDR) that the host may resolve to; without them, public ones only. */
  readonly addresses?: readonly string[];
  /**
   * Whether TLS may go through to the host unread. No method and no path can be held in there, so
   * the permission names them all.
   */
  readonly tunnel?: true;
}

/** One folder or file beneath the workspace that a call may touch. */
export interface FsPermission {
  /** Relative to the workspace, `/` between segments, `.` for all of it; covers what is beneath. */
  readonly path: string;
  readonly access: "read" | "write" | "list";
}

/** What a call may do to the world. Empty lists are nothing at all. */
export interface Permissions {
  readonly net: readonly NetPermission[];
  readonly fs: readonly FsPermission[];
}

export const httpMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type HttpMethod = (typeof httpMethods)[number];

export const noPermissions: Permissions = { net: [], fs: [] };

const host = z
  .string()
  .max(253)
  .regex(/^[a-z0-9.:[\]-]+$/, "a host is lower case, without scheme, port or wildcard");
const template = z
  .string()
  .max(100)
  .regex(/^\{\{args\.[A-Za-z0-9_.]+\}\}$/);

/** `host` and `path` of a manifest may be templates (`{{args.url.host}}`); those of a session not. */
export function permissionsSchema(kind: "ceiling" | "fixed"): z.ZodType<Permissions> {
  const hostOrTemplate = kind === "ceiling" ? z.union([host, template]) : host;
  const path = z.string().min(1).max(limits.pathChars);
  const net = z
    .strictObject({
      scheme: z.enum(["http", "https"]).default("https"),
      host: hostOrTemplate,
      ports: z.array(z.int().min(1).max(65_535)).min(1).max(16).default([443]),
      methods: z.array(z.enum(httpMethods)).min(1).default(["GET"]),
      path: path.startsWith("/").default("/"),
      addresses: z
        .array(z.union([z.cidrv4(), z.cidrv6()]))
        .max(16)
        .exactOptional(),
      tunnel: z.literal(true).exactOptional(),
    })
    .refine((one) => one.tunnel !== true || isOpen(one), {
      path: ["tunnel"],
      message: "a tunnel is https, and names the path `/` and every method: it can hold neither",
    });
  const fs = z.strictObject({ path, access: z.enum(["read", "write", "list"]) });
  return z.strictObject({
    net: z.array(net).max(limits.permissionsPerTool).default([]),
    fs: z.array(fs).max(limits.permissionsPerTool).default([]),
  });
}

/** True when `permission` lies within `ceiling`: nothing it allows is outside. */
export function netWithin(permission: NetPermission, ceiling: NetPermission): boolean {
  return (
    permission.scheme === ceiling.scheme &&
    permission.host === ceiling.host &&
    isSubset(permission.ports, ceiling.ports) &&
    isSubset(permission.methods, ceiling.methods) &&
    urlPathWithin(permission.path, ceiling.path) &&
    isSubset(permission.addresses ?? [], ceiling.addresses ?? []) &&
    (permission.tunnel !== true || ceiling.tunnel === true)
  );
}

/** True where nothing is held but the host and its ports. */
export function isOpen({ scheme, methods, path }: NetPermission): boolean {
  return scheme === "https" && path === "/" && isSubset(httpMethods, methods);
}

/** True when `permission` lies within `ceiling`; writing does not include reading. */
export function fsWithin(permission: FsPermission, ceiling: FsPermission): boolean {
  return permission.access === ceiling.access && pathWithin(permission.path, ceiling.path);
}

/** True when each permission of `part` lies within one of `whole`. */
export function permissionsWithin(part: Permissions, whole: Permissions): boolean {
  return (
    part.net.every((one) => whole.net.some((other) => netWithin(one, other))) &&
    part.fs.every((one) => whole.fs.some((other) => fsWithin(one, other)))
  );
}

/** Prefix by whole segments. `.` and `/` cover everything. Both paths are already normalised. */
export function pathWithin(path: string, prefix: string): boolean {
  if (prefix === "." || prefix === "/") return true;
  const trimmed = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return path === trimmed || path.startsWith(`${trimmed}/`);
}

/**
 * `pathWithin` for the path of a URL. A server may decode once more than we do, or cut a segment off
 * at `;`: within a prefix nothing may climb by that.
 */
export function urlPathWithin(path: string, prefix: string): boolean {
  // A path is within itself, however servers read it: it is the one that was judged.
  if (path === prefix) return true;
  return pathWithin(path, prefix) && (prefix === "/" || !isAmbiguous(path));
}

/**
 * An encoded dot, slash, backslash, percent sign or end of text, also in a form that no UTF-8 has but
 * some servers read; a dot segment with a parameter.
 */
function isAmbiguous(path: string): boolean {
  return /%(?:2e|2f|5c|25|00|c0|c1|u)|\/\.\.?;/i.test(path);
}

function isSubset<T>(part: readonly T[], whole: readonly T[]): boolean {
  return part.every((item) => whole.includes(item));
}
