import { test } from "tap";
import { manifestIn } from "../testing.ts";
import { type CsvQueryArguments, run } from "./csv-query.ts";

const csv = 'name,team,price\nanna,a,10\n"bo, b",b,9\ncy,a,100\ndee,b,\n';
const query = (args: Omit<CsvQueryArguments, "csv">) => run({ csv, ...args });

test("the manifest is as the gateway reads it", (t) => {
  t.match(manifestIn(import.meta.dirname), { name: "csv.query", effects: ["read"] });
  t.end();
});

test("returns all rows where nothing is asked", (t) => {
  t.same(query({}), {
    columns: ["name", "team", "price"],
    rows: [
      ["anna", "a", "10"],
      ["bo, b", "b", "9"],
      ["cy", "a", "100"],
      ["dee", "b", ""],
    ],
    matched: 4,
  });
  t.end();
});

test("numbers compare as numbers, everything else as text", (t) => {
  const names = (where: CsvQueryArguments["where"]) =>
    query({ select: ["name"], ...(where && { where }) }).rows.flat();
  t.same(names([{ column: "price", op: "gt", value: 9 }]), ["anna", "cy"]);
  t.same(names([{ column: "price", op: "le", value: "10" }]), ["anna", "bo, b", "dee"]);
  t.same(names([{ column: "price", op: "lt", value: 10 }]), ["bo, b", "dee"]);
  t.same(names([{ column: "price", op: "ge", value: 100 }]), ["cy"]);
  t.same(names([{ column: "name", op: "contains", value: "," }]), ["bo, b"]);
  t.same(
    names([
      { column: "team", op: "eq", value: "a" },
      { column: "name", op: "ne", value: "cy" },
    ]),
    ["anna"],
  );
  t.end();
});

test("sorts, cuts, and says how many matched", (t) => {
  const sort = { column: "price", descending: true };
  const sorted = query({ select: ["name", "price"], sort, limit: 2 });
  t.same(sorted, {
    columns: ["name", "price"],
    rows: [
      ["cy", "100"],
      ["anna", "10"],
    ],
    matched: 4,
  });
  t.end();
});

test("groups with aggregates; a cell that is no number does not count", (t) => {
  const aggregates = [
    { op: "count" },
    { op: "sum", column: "price" },
    { op: "avg", column: "price" },
    { op: "min", column: "price" },
    { op: "max", column: "price" },
  ] as const;
  t.same(query({ group: { by: ["team"], aggregates }, sort: { column: "sum(price)" } }), {
    columns: ["team", "count", "sum(price)", "avg(price)", "min(price)", "max(price)"],
    rows: [
      ["b", 2, 9, 9, 9, 9],
      ["a", 2, 110, 55, 10, 100],
    ],
    matched: 2,
  });
  const none = query({
    where: [{ column: "name", op: "eq", value: "dee" }],
    group: { by: [], aggregates: [{ op: "sum", column: "price" }] },
  });
  t.same(none.rows, [[null]]);
  t.end();
});

test("says what is wrong: a column that is none, broken quotes, an empty text", (t) => {
  t.throws(() => query({ select: ["nope"] }), /there is no column `nope`; there are: name, team/);
  t.throws(() => run({ csv: 'a,b\n"broken,1\n' }), /row/);
  t.throws(() => run({ csv: "" }), /empty/);
  t.throws(() => query({ group: { by: [], aggregates: [{ op: "sum" }] } }), /needs a column/);
  t.end();
});

test("attack: columns named like parts of objects are columns like any other", (t) => {
  const result = run({ csv: "__proto__,constructor\n1,2\n", select: ["constructor", "__proto__"] });
  t.same(result, { columns: ["constructor", "__proto__"], rows: [["2", "1"]], matched: 1 });
  t.end();
});
