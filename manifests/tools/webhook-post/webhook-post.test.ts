import { test } from "tap";
import { fakeHost, manifestIn } from "../testing.ts";
import { run } from "./webhook-post.ts";

test("the manifest says that the call carries something out, and where to", (t) => {
  const manifest = manifestIn(import.meta.dirname);
  t.same(manifest.effects, ["write", "external"]);
  t.match(manifest.roles, { url: "destination", body: "content" });
  t.match(manifest.permissions.net, [{ scheme: "https", methods: ["POST"] }]);
  t.end();
});

test("posts the body as JSON and returns the answer", async (t) => {
  const host = fakeHost({ status: 201, body: "thanks", headers: { "set-cookie": "a=b" } });
  const answer = await run({ url: "https://hook.example/x", body: { a: [1, null] } }, host);
  t.same(answer, { status: 201, body: "thanks" });
  t.same(host.requests, [
    {
      url: "https://hook.example/x",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"a":[1,null]}',
    },
  ]);
});
