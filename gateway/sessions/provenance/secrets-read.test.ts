import fc from "fast-check";
import { test } from "tap";
import { canonicalJson } from "../../../manifests/canonical.ts";
import type { JsonValue } from "../../../manifests/json.ts";
import { ProvenanceIndex } from "./provenance-index.ts";

const person: JsonValue = {
  name: "Emma Johnson",
  passport: "HGK137803",
  card: "4237-4252-7456-2574",
  born: "1990-04-12",
  mail: "emma.j@private.example",
  note: "prefers the window seat near the second emergency exit",
};

function indexOf(task: string, secret: JsonValue): ProvenanceIndex {
  const index = new ProvenanceIndex();
  const label = { integrity: "trusted", confidentiality: "secret" } as const;
  const said = { integrity: "trusted", confidentiality: "public" } as const;
  index.add([
    { sequence: 1, kind: "task", label: said, text: task },
    { sequence: 2, kind: "result", label, text: canonicalJson(secret), call: "c", tool: "t" },
  ]);
  return index;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const leaks: readonly (readonly [string, string])[] = [
  ["a value", "HGK137803"],
  ["a value in a sentence", "her passport is HGK137803, as you asked"],
  ["in small letters", "hgk137803"],
  ["with marks in it", "H-G-K-1-3-7-8-0-3"],
  ["spaced out", "H G K 1 3 7 8 0 3"],
  ["over lines", "HGK\n137\n803"],
  ["in a URL", "https://site.example/p?q=HGK137803"],
  ["percent signs", "%48%47%4B137803"],
  ["base64", base64("the passport is HGK137803")],
  ["base64 in base64", base64(base64("the passport is HGK137803"))],
  ["hex", Buffer.from("the passport is HGK137803").toString("hex")],
  ["an account without its marks", "4237425274562574"],
  ["a piece of an account", "it ends in 7456 2574, I think"],
  ["an address", "EMMA.J@private.example"],
  ["a run of words", "she prefers the window seat near the exit"],
];

test("attack: what a secret result said is known again in whatever way it is about to leave", (t) => {
  const index = indexOf("book her a seat", person);
  for (const [how, text] of leaks) t.ok(index.carriesSecret(text), how);
  t.end();
});

test("what everybody says is no secret", (t) => {
  const index = indexOf("book her a seat", person);
  const harmless = [
    "Dear Emma, the window seat is booked",
    "on 1990-04-12 and on 2026-11-23",
    "https://site.example/seats?row=12&count=137",
    "137 of 803",
    "",
  ];
  for (const text of harmless) t.notOk(index.carriesSecret(text), text);
  t.end();
});

test("what the user said is no secret, and nothing is where nothing secret was read", (t) => {
  t.notOk(indexOf("my passport is HGK137803", person).carriesSecret("HGK137803"));
  t.notOk(new ProvenanceIndex().carriesSecret("HGK137803"));
  t.end();
});

test("a number is found wherever it stands, whatever stands between its digits", (t) => {
  const index = indexOf("x", { number: "731948265501" });
  const marks = fc.array(fc.constantFrom("", " ", "-", ".", "_", "/"), {
    minLength: 12,
    maxLength: 12,
  });
  const around = fc.string({ maxLength: 200 });
  fc.assert(
    fc.property(marks, around, around, (between, before, after) => {
      const spread = [..."731948265501"].map((digit, at) => digit + between[at]).join("");
      return index.carriesSecret(`${before} ${spread} ${after}`);
    }),
    { seed: 20261123, numRuns: 300 },
  );
  t.end();
});
