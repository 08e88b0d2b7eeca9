import { test } from "tap";
import { fakeHost, manifestIn } from "../testing.ts";
import { run } from "./http-fetch.ts";

test("the manifest calls what comes back untrusted, and reaches only what `url` names", (t) => {
  const manifest = manifestIn(import.meta.dirname);
  t.match(manifest.output, { integrity: "untrusted" });
  t.equal(manifest.roles["url"], "destination");
  for (const { host, methods } of manifest.permissions.net) {
    t.equal(host, "{{args.url.host}}");
    t.same(methods, ["GET", "HEAD"]);
  }
  t.end();
});

test("asks for what the arguments say, and GET where they say nothing", async (t) => {
  const host = fakeHost({ status: 404, headers: { "content-type": "text/plain" }, body: "no" });
  t.same(await run({ url: "https://a.example/x" }, host), {
    url: "https://a.example/x",
    status: 404,
    headers: { "content-type": "text/plain" },
    body: "no",
  });
  await run({ url: "https://a.example/", method: "HEAD", headers: { accept: "*/*" } }, host);
  t.same(host.requests, [
    { url: "https://a.example/x", method: "GET" },
    { url: "https://a.example/", method: "HEAD", headers: { accept: "*/*" } },
  ]);
});
