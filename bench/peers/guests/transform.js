// What every peer is asked to do: some kilobyte of JSON in, a small answer out.
export function run({ rows }) {
  const totals = {};
  for (const { group, price, count } of rows) totals[group] = (totals[group] ?? 0) + price * count;
  const names = rows.map(({ name }) => name.toUpperCase()).sort();
  return { totals, names };
}
