import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { test } from "tap";
import type { JsonObject } from "../manifests/json.ts";
import { type HttpMethod, type Permissions, permissionsWithin } from "../manifests/permissions.ts";
import { Refusal } from "../manifests/refusals.ts";
import { narrow } from "./narrow.ts";

const seed = 20_260_822;

/** One concrete request, which permissions cover or not. */
interface Request {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly method: HttpMethod;
  readonly path: string;
}

function covers(permissions: Permissions, request: Request): boolean {
  return permissions.net.some(
    (one) =>
      one.scheme === request.scheme &&
      one.host === request.host &&
      one.ports.includes(request.port) &&
      one.methods.includes(request.method) &&
      beneath(request.path, one.path),
  );
}

function beneath(path: string, folder: string): boolean {
  const segments = folder.split("/").filter((segment) => segment !== "");
  const own = path.split("/").filter((segment) => segment !== "");
  return segments.every((segment, index) => own[index] === segment);
}

const host = fc.constantFrom("a.example", "b.example");
const methods = fc.subarray<HttpMethod>(["GET", "POST"], { minLength: 1 });
const path = fc.constantFrom("/", "/v1", "/v1/x", "/v10");
const ports = fc.subarray([443, 8443], { minLength: 1 });
const scheme = fc.constantFrom("http" as const, "https" as const);
const fixed = fc.record({ scheme, host, ports, methods, path });
const ceilings = fc.array(
  fc.record({
    scheme,
    host: fc.oneof(host, fc.constant("{{args.url.host}}")),
    ports,
    methods,
    path,
  }),
  { maxLength: 3 },
);
const target: fc.Arbitrary<Request> = fc.record({
  scheme,
  host,
  port: fc.constantFrom(443, 8443),
  method: fc.constantFrom("GET" as const, "POST" as const),
  path,
});

function argumentsFor({ scheme: one, host: name, port, path: where, method }: Request): JsonObject {
  return { url: `${one}://${name}:${port}${where}`, method };
}

/** The plain meaning: a request is covered where ceiling, arguments and session all say so. */
function covered(ceiling: Permissions, named: Request, request: Request): boolean {
  return ceiling.net.some((entry) => {
    if (!entry.host.startsWith("{{")) return covers({ net: [entry], fs: [] }, request);
    const own = { ...entry, host: named.host };
    const isNamed =
      request.scheme === named.scheme &&
      request.host === named.host &&
      request.port === named.port &&
      request.method === named.method &&
      beneath(request.path, named.path);
    return (
      isNamed && covers({ net: [own], fs: [] }, named) && covers({ net: [own], fs: [] }, request)
    );
  });
}

/** A refusal has a reason: no entry covers what the URL names, or the session gives less. */
function isRightlyRefused({ ceiling, session, named }: Situation): boolean {
  const alone = attempt({ ceiling, named, session: undefined });
  if (alone !== undefined) return session !== undefined && !permissionsWithin(alone, session);
  return !ceiling.net.some((entry) => {
    const own = { ...entry, host: named.host };
    return entry.host.startsWith("{{") && covers({ net: [own], fs: [] }, named);
  });
}

interface Situation {
  readonly ceiling: Permissions;
  readonly session: Permissions | undefined;
  readonly named: Request;
}

const situation: fc.Arbitrary<Situation> = fc.record({
  ceiling: fc.record({ net: ceilings, fs: fc.constant([]) }),
  session: fc.option(
    fc.record({ net: fc.array(fixed, { minLength: 1, maxLength: 3 }), fs: fc.constant([]) }),
    { nil: undefined },
  ),
  named: target,
});

test(`covers just what ceiling and arguments cover, within the session (seed ${seed})`, async (t) => {
  const seen = { given: 0, refused: 0 };
  const requests = fc.array(target, { minLength: 5, maxLength: 10 });
  fc.assert(
    fc.property(situation, requests, (one, asked) => {
      const given = attempt(one);
      seen[given === undefined ? "refused" : "given"] += 1;
      if (given === undefined) return ok(isRightlyRefused(one));
      if (one.session !== undefined) ok(permissionsWithin(given, one.session));
      for (const request of asked) {
        deepStrictEqual(covers(given, request), covered(one.ceiling, one.named, request));
      }
    }),
    { seed, numRuns: 3_000 },
  );
  t.ok(seen.given > 100 && seen.refused > 100, JSON.stringify(seen));
});

function attempt({ ceiling, named, session }: Situation): Permissions | undefined {
  try {
    return narrow(ceiling, argumentsFor(named), session);
  } catch (error) {
    if (error instanceof Refusal && error.code === "PERMISSION_EXCEEDED") return undefined;
    throw error;
  }
}
