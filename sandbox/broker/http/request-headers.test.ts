import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import { checkHeaders, headersAbroad } from "./request-headers.ts";

const refused = [
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te"],
  ...["trailer", "expect", "accept-encoding", "via", "forwarded", "http2-settings", "x-real-ip"],
  ...["x-original-url", "x-rewrite-url", "x-original-host", "x-host", "x-http-method"],
  ...["x-http-method-override", "x-method-override", "proxy-authorization", "sec-fetch-site"],
  ...["x-original-uri", "x-original-method", "x-envoy-original-path", "client-ip", "x-client-ip"],
  ...["x-cluster-client-ip", "true-client-ip", "cf-connecting-ip", "True_Client_IP"],
  ...["x-forwarded-host", ":path", "", "x y", "x".repeat(101)],
];

test("what frames a message or says where it goes is not a tool's to set, in any spelling", (t) => {
  for (const name of refused) {
    for (const spelled of [name, name.toUpperCase()]) {
      t.throws(() => checkHeaders({ [spelled]: "x" }), { code: "EGRESS_DENIED" }, spelled);
    }
  }
  const proto = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
  t.throws(() => checkHeaders(proto), { code: "EGRESS_DENIED" });
  t.strictSame(checkHeaders({ "X-A": "b", accept: "c" }), { "x-a": "b", accept: "c" });
  t.end();
});

test("a value is printable and stands once, and all of them have a size", (t) => {
  for (const value of ["b\r\nhost: evil", "b\n", "b\u0000", "é", "\u007f"]) {
    t.throws(() => checkHeaders({ "x-a": value }), { code: "EGRESS_DENIED" });
  }
  t.throws(() => checkHeaders({ a: "1", A: "2" }), { code: "EGRESS_DENIED" });
  const room = limits.fetchHeaderBytes - "x-a".length - 4;
  t.ok(checkHeaders({ "x-a": "b".repeat(room) }));
  t.throws(() => checkHeaders({ "x-a": "b".repeat(room + 1) }), { code: "EGRESS_DENIED" });
  t.end();
});

test("what another origin is told is known by name", (t) => {
  const sent = {
    Accept: "a",
    "accept-language": "b",
    "User-Agent": "c",
    cookie: "d",
    "x-key": "e",
  };
  t.strictSame(headersAbroad(sent), { Accept: "a", "accept-language": "b", "User-Agent": "c" });
  t.end();
});
