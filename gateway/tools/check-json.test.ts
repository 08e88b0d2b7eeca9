import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { createSchemaCompiler } from "./check-json.ts";

test("a format looks at a text up to the limit; a longer one does not fit", (t) => {
  const check = createSchemaCompiler()({ type: "string", format: "uri" });
  const most = "https://a.example/".padEnd(limits.formatChars, "a");
  t.equal(check(most), undefined);
  t.match(check(`${most}a`), /format "uri"/);
  t.end();
});
