import { isJsonObject, type JsonValue } from "../manifests/json.ts";
import type { Plan } from "./obey.ts";
import type { Seen } from "./seen.ts";

/** Questions about the packages that are installed; the file was read before. */
export function queryPackages(seen: Seen): readonly Plan[] {
  const csv = textOf(seen.output("files.read", "packages.csv"));
  const count = { op: "count" };
  return [
    {
      tool: "csv.query",
      arguments: {
        csv,
        group: { by: ["licence"], aggregates: [count] },
        sort: { column: "count", descending: true },
      },
    },
    {
      tool: "csv.query",
      arguments: {
        csv,
        select: ["name", "dependencies"],
        sort: { column: "dependencies", descending: true },
        limit: 5,
      },
    },
  ];
}

/** What comes of the answers: releases out of a changelog, and shares out of counts. */
export function computeFigures(seen: Seen): readonly Plan[] {
  const changelog = textOf(seen.output("files.read", "changelog"));
  const counts = seen.output("csv.query", '"group"');
  return [
    {
      tool: "text.search",
      arguments: { text: changelog, pattern: "^#+ *\\[?v?\\d+\\.\\d+\\.\\d+", limit: 20 },
    },
    { tool: "json.query", arguments: { document: counts, query: "$sum(rows.$[1])" } },
    {
      tool: "js.run",
      arguments: {
        code:
          "const total = input.rows.reduce((sum, row) => sum + row[1], 0);\n" +
          "return input.rows.map(([name, n]) => [name, Math.round((1000 * n) / total) / 10]);",
        input: counts,
      },
    },
  ];
}

/** The summary that the user asked for, out of what was computed. */
export function writeSummary(seen: Seen): readonly Plan[] {
  const shares = seen.output("js.run");
  const rows = Array.isArray(shares) ? shares : [];
  const lines = rows.map((row) => (Array.isArray(row) ? `- ${row[0]}: ${row[1]} %` : ""));
  const total = JSON.stringify(seen.output("json.query"));
  const text = `# Licences of ${total} installed packages\n\n${lines.join("\n")}\n`;
  return [{ tool: "files.write", arguments: { path: "summary.md", text } }];
}

function textOf(output: JsonValue): string {
  const text = isJsonObject(output) ? output["text"] : undefined;
  return typeof text === "string" ? text : "";
}
