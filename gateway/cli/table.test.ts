import { test } from "tap";
import { table } from "./table.ts";

test("columns are as wide as what stands in them", async (t) => {
  t.equal(
    table(
      ["A", "NAME"],
      [
        ["1", "x"],
        ["222", "yy"],
      ],
    ),
    "A    NAME\n1    x\n222  yy",
  );
});

test("a table fits 100 columns, and the widest column gives way first", async (t) => {
  const wide = table(["ID", "TEXT", "MORE"], [["key_1", "t".repeat(300), "m".repeat(60)]]);
  for (const line of wide.split("\n")) t.ok(line.length <= 100, `${line.length} columns`);
  t.match(wide, "key_1");
  t.match(wide, "…");
});

test("a table of nothing but wide columns fits too", async (t) => {
  const row = Array.from({ length: 6 }, () => "x".repeat(200));
  for (const line of table(row, [row]).split("\n")) t.ok(line.length <= 100, `${line.length}`);
});

test("a cell cannot break the table or the terminal", async (t) => {
  t.equal(table(["A", "B"], [["a\nb", "\u001b[2J"]]), "A        B\na\\u{a}b  \\u{1b}[2J");
});
