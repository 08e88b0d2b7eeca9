import { isJsonObject, type JsonObject, type JsonValue } from "../manifests/json.ts";
import {
  type FsPermission,
  fsWithin,
  type NetPermission,
  netWithin,
  type Permissions,
  urlPathWithin,
} from "../manifests/permissions.ts";
import { exceeded, httpMethod, urlPlace, workspacePath } from "./places.ts";

/**
 * The permissions of one call: the tool's ceiling, with what the arguments name put in for the
 * templates, within the session's ceiling. Never more than either.
 *
 * `{{args.url.host}}` stands for the place that the argument `url` names: its scheme, host, port and
 * path, and the method in the argument `method` where there is one. `{{args.path}}` stands for a
 * path of the workspace. Where an optional argument is absent, its permission is not needed.
 *
 * @throws {Refusal} `PERMISSION_EXCEEDED` where an argument names a place that no permission covers.
 */
export function narrow(ceiling: Permissions, args: JsonObject, session?: Permissions): Permissions {
  const permissions = {
    net: fill(
      ceiling.net,
      ({ host }) => host,
      (entry) => fillNet(entry, args),
    ),
    fs: fill(
      ceiling.fs,
      ({ path }) => path,
      (entry) => fillFs(entry, args),
    ),
  };
  if (session !== undefined) refuseBeyond(permissions, session);
  return permissions;
}

/** An entry whose argument is absent. */
const absent = Symbol("absent");
/** An entry that does not cover the place that its argument names. */
const elsewhere = Symbol("elsewhere");
type Filled<T> = T | typeof absent | typeof elsewhere;

/** Entries with one template serve one place; one of them has to cover it. */
function fill<T extends object>(
  entries: readonly T[],
  templateOf: (entry: T) => string,
  fillOne: (entry: T) => Filled<T>,
): readonly T[] {
  const covered = new Map<string, boolean>();
  const filled = entries.map((entry) => {
    const one = fillOne(entry);
    const place = templateOf(entry);
    if (one !== absent) covered.set(place, covered.get(place) === true || one !== elsewhere);
    return one;
  });
  for (const [template, isCovered] of covered) {
    if (!isCovered)
      throw exceeded(`\`${argumentOf(template)}\` names a place outside the tool's permissions`);
  }
  return filled.filter((one): one is T => typeof one !== "symbol");
}

function fillNet(entry: NetPermission, args: JsonObject): Filled<NetPermission> {
  if (!isTemplate(entry.host)) return entry;
  const text = textOf(entry.host, args);
  if (text === undefined) return absent;
  const { scheme, host, port, path } = urlPlace(text, argumentOf(entry.host));
  const methods = methodsOf(entry, args);
  const covers =
    scheme === entry.scheme &&
    entry.ports.includes(port) &&
    methods.length > 0 &&
    urlPathWithin(path, entry.path);
  if (!covers) return elsewhere;
  // In a tunnel neither method nor path can be held: nobody is told that they are.
  if (entry.tunnel) return { ...entry, host, ports: [port] };
  return { ...entry, host, ports: [port], methods, path };
}

function methodsOf({ methods }: NetPermission, args: JsonObject): NetPermission["methods"] {
  const method = Object.hasOwn(args, "method") ? args["method"] : undefined;
  if (typeof method !== "string") return methods;
  const one = httpMethod(method);
  return methods.includes(one) ? [one] : [];
}

function fillFs(entry: FsPermission, args: JsonObject): Filled<FsPermission> {
  if (!isTemplate(entry.path)) return entry;
  const text = textOf(entry.path, args);
  if (text === undefined) return absent;
  return { ...entry, path: workspacePath(text, argumentOf(entry.path)) };
}

const template = /^\{\{args\.([A-Za-z0-9_.]+?)(?:\.host)?\}\}$/;

function isTemplate(text: string): boolean {
  return text.includes("{{");
}

/** `{{args.target.url.host}}` is about the argument `target.url`. */
function argumentOf(text: string): string {
  const name = template.exec(text)?.[1];
  if (name === undefined)
    throw exceeded("the tool's permissions hold a template that nothing fills");
  return name;
}

function textOf(text: string, args: JsonObject): string | undefined {
  const name = argumentOf(text);
  const value = name.split(".").reduce<JsonValue | undefined>(member, args);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw exceeded(`\`${name}\` names a place and is not a text`);
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function refuseBeyond({ net, fs }: Permissions, session: Permissions): void {
  if (!net.every((one) => session.net.some((other) => netWithin(one, other)))) {
    throw exceeded("the call needs a host, port, method or path that its session does not give");
  }
  if (!fs.every((one) => session.fs.some((other) => fsWithin(one, other)))) {
    throw exceeded("the call needs a path that its session does not give");
  }
}
