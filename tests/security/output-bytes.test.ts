// The threat: what a tool hands over as text is a program, or is not what it says it is.
import { test } from "tap";
import { carriedIn } from "../../guardrails/output/carried.ts";
import { contradicts } from "../../guardrails/output/media-type.ts";

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const rest = "\0".repeat(40);
const png = `\u0089PNG\r\n\u001a\n${rest}`;
const page = "<html><script>alert(1)</script></html>";
const document = "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1";
const macros = [..."_VBA_PROJECT"].map((letter) => `${letter}\0`).join("");

for (const [what, text, kinds] of [
  ["a program of Linux", base64(`\u007fELF${rest}`), ["executable"]],
  ["one of Windows", base64(`MZ\u0090\0${rest}`), ["executable"]],
  ["one of macOS", base64(`\u00cf\u00fa\u00ed\u00fe${rest}`), ["executable"]],
  ["one of Java", base64(`\u00ca\u00fe\u00ba\u00be${rest}`), ["executable"]],
  ["WebAssembly", base64(`\0asm\u0001\0\0\0${rest}`), ["executable"]],
  ["a script", base64("#!/bin/sh\nrm -rf / --no-preserve-root"), ["executable"]],
  ["base64 in lines", base64(`\u007fELF${rest}`).replace(/.{16}/g, "$&\r\n"), ["executable"]],
  [
    "base64 for addresses",
    Buffer.from(`MZ\u00ff\u00fe${rest}`, "latin1").toString("base64url"),
    ["executable"],
  ],
  ["an archive", base64(`PK\u0003\u0004${rest}`), ["archive"]],
  ["another one", base64(`\u001f\u008b\u0008${rest}`), ["archive"]],
  ["a document with macros", base64(`PK\u0003\u0004${rest}word/vbaProject.bin`), ["executable"]],
  ["an older one", base64(`${document}${rest}${macros}`), ["executable"]],
  ["an older one without", base64(`${document}${rest}`), []],
  ["a page as a picture", `![x](data:image/png;base64,${base64(page)})`, ["type-mismatch"]],
  [
    "a program as a picture",
    `data:image/png;base64,${base64(`MZ\u0090\0${rest}`)}`,
    ["executable", "type-mismatch"],
  ],
  ["a picture as another one", `data:image/gif;base64,${base64(png)}`, ["type-mismatch"]],
  [
    "an archive as a text",
    `data:text/plain;x=y;base64,${base64(`PK\u0003\u0004${rest}`)}`,
    ["archive", "type-mismatch"],
  ],
  ["a picture", `data:image/png;base64,${base64(png)}`, []],
  ["words", base64("Hello there, this is a text and no more."), []],
  [
    "a text with a mark of byte order",
    base64(`\u00ff\u00feH\0e\0l\0l\0o\0${"a\0".repeat(20)}`),
    [],
  ],
  ["a digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", []],
] as const) {
  test(`bytes are known by how they begin: ${what}`, (t) => {
    t.strictSame(
      carriedIn(text).map(({ kind }) => kind.slice("active:".length)),
      kinds,
    );
    t.end();
  });
}

test("a media type is contradicted by what is known to be another one", (t) => {
  const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
  for (const [type, text] of [
    ["image/png", page],
    ["IMAGE/PNG; x=y", page],
    ["image/x-icon", page],
    ["application/pdf", png],
    ["text/csv", `MZ\u0090\0${rest}`],
    ["audio/mpeg", `PK\u0003\u0004${rest}`],
  ] as const) {
    t.ok(contradicts(type, bytes(text)), type);
  }
  for (const [type, text] of [
    ["image/jpg", "\u00ff\u00d8\u00ff\u00e0"],
    ["image/svg+xml", "<svg/>"],
    ["text/html", page],
    ["application/octet-stream", `MZ\u0090\0${rest}`],
    ["application/json", "{}"],
    ["", "anything"],
  ] as const) {
    t.notOk(contradicts(type, bytes(text)), type);
  }
  t.end();
});
