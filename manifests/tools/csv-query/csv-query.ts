import Papa from "papaparse";

export interface CsvQueryArguments {
  readonly csv: string;
  readonly select?: readonly string[];
  readonly where?: readonly Condition[];
  readonly group?: { readonly by: readonly string[]; readonly aggregates: readonly Aggregate[] };
  readonly sort?: { readonly column: string; readonly descending?: boolean };
  readonly limit?: number;
}

export interface Condition {
  readonly column: string;
  readonly op: "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "contains";
  readonly value: string | number;
}

export interface Aggregate {
  readonly op: "count" | "sum" | "min" | "max" | "avg";
  readonly column?: string;
}

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows before `limit` cut them. */
  readonly matched: number;
}

type Cell = string | number | null;
interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Filters, groups or selects, sorts and cuts, in this order. */
export function run(args: CsvQueryArguments): CsvTable {
  const found = filter(parse(args.csv), args.where ?? []);
  const shaped = args.group ? group(found, args.group) : found;
  const sorted = args.sort ? sort(shaped, args.sort) : shaped;
  const { columns, rows } = args.select ? select(sorted, args.select) : sorted;
  return { columns, rows: rows.slice(0, args.limit ?? 100), matched: rows.length };
}

function parse(csv: string): Table {
  const { data, errors } = Papa.parse<string[]>(csv, { skipEmptyLines: true });
  const broken = errors.find(({ type }) => type === "Quotes");
  if (broken) throw new Error(`row ${broken.row ?? 0}: ${broken.message}`);
  const [columns, ...rows] = data;
  if (columns === undefined) throw new Error("the CSV is empty");
  return { columns, rows };
}

function filter(table: Table, conditions: readonly Condition[]): Table {
  const tests = conditions.map(({ column, op, value }) => {
    const index = indexOf(table, column);
    return (row: readonly Cell[]) => holds(op, row[index] ?? "", value);
  });
  return { ...table, rows: table.rows.filter((row) => tests.every((test) => test(row))) };
}

function holds(op: Condition["op"], cell: Cell, value: string | number): boolean {
  const order = compare(cell, value);
  switch (op) {
    case "eq":
      return order === 0;
    case "ne":
      return order !== 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "contains":
      return String(cell).includes(String(value));
  }
}

function select(table: Table, columns: readonly string[]): Table {
  const indexes = columns.map((column) => indexOf(table, column));
  return { columns, rows: table.rows.map((row) => indexes.map((index) => row[index] ?? null)) };
}

function sort(table: Table, by: NonNullable<CsvQueryArguments["sort"]>): Table {
  const index = indexOf(table, by.column);
  const sign = by.descending ? -1 : 1;
  const rows = [...table.rows].sort((a, b) => sign * compare(a[index] ?? "", b[index] ?? ""));
  return { ...table, rows };
}

function group(table: Table, by: NonNullable<CsvQueryArguments["group"]>): Table {
  const keys = by.by.map((column) => indexOf(table, column));
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of table.rows) {
    const name = JSON.stringify(keys.map((index) => row[index] ?? ""));
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  const aggregates = by.aggregates.map((aggregate) => reducer(table, aggregate));
  const names = by.aggregates.map(({ op, column }) => (column ? `${op}(${column})` : op));
  return {
    columns: [...by.by, ...names],
    rows: [...groups].map(([name, rows]) => [
      ...(JSON.parse(name) as string[]),
      ...aggregates.map((reduce) => reduce(rows)),
    ]),
  };
}

type Rows = readonly (readonly Cell[])[];

function reducer(table: Table, { op, column }: Aggregate): (rows: Rows) => Cell {
  if (op === "count") return (rows) => rows.length;
  if (column === undefined) throw new Error(`\`${op}\` needs a column`);
  const index = indexOf(table, column);
  return (rows) => reduce(op, rows.map((row) => toNumber(row[index] ?? "")).filter(isNumber));
}

/** Null of no number at all; cells that are no numbers do not count. */
function reduce(op: "sum" | "min" | "max" | "avg", numbers: readonly number[]): Cell {
  if (numbers.length === 0) return null;
  if (op === "min") return numbers.reduce((a, b) => Math.min(a, b));
  if (op === "max") return numbers.reduce((a, b) => Math.max(a, b));
  const sum = numbers.reduce((a, b) => a + b);
  return op === "sum" ? sum : sum / numbers.length;
}

/** Two numbers by value, everything else as text by its UTF-16 units. */
function compare(a: Cell, b: Cell): number {
  const [x, y] = [toNumber(a ?? ""), toNumber(b ?? "")];
  if (isNumber(x) && isNumber(y)) return x - y;
  if (String(a) === String(b)) return 0;
  return String(a) < String(b) ? -1 : 1;
}

function toNumber(cell: string | number): number | undefined {
  if (typeof cell === "number") return cell;
  const value = cell.trim() === "" ? Number.NaN : Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}

function indexOf({ columns }: Table, column: string): number {
  const index = columns.indexOf(column);
  if (index < 0)
    throw new Error(
      `there is no column \`${column}\`; there are: ${columns.join(", ").slice(0, 200)}`,
    );
  return index;
}
