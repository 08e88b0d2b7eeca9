import { test } from "tap";
import { createSchemaCompiler } from "./check-json.ts";

const compile = createSchemaCompiler();
const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const png = `\u0089PNG\r\n\u001a\n${"\0".repeat(24)}`;
const page = "<!doctype html><script>alert(1)</script>";

test("bytes are what the schema says that they are", (t) => {
  const isImage = compile({
    type: "string",
    contentMediaType: "image/png",
    contentEncoding: "base64",
  });
  t.equal(isImage(base64(png)), undefined);
  t.equal(isImage(base64("a")), 'the value must pass "contentMediaType" keyword validation');
  for (const other of [page, `\u007fELF${"\0".repeat(24)}`, `PK\u0003\u0004${"\0".repeat(24)}`]) {
    t.ok(isImage(base64(other)), "attack: something else");
  }
  t.ok(isImage(page), "attack: no base64 at all");
  const isNote = compile({
    type: "string",
    contentMediaType: "text/plain",
    contentEncoding: "base64",
  });
  t.equal(isNote(base64("a")), undefined);
  t.end();
});

test("a text without an encoding is read as it is", (t) => {
  const isText = compile({ type: "string", contentMediaType: "text/plain" });
  t.equal(isText("Hello"), undefined);
  t.ok(isText("#!/bin/sh\nrm -rf /"));
  const isPage = compile({ type: "string", contentMediaType: "text/html; charset=utf-8" });
  t.equal(isPage(page), undefined);
  t.end();
});
