import jsonata from "jsonata";

export interface JsonQueryArguments {
  readonly document: unknown;
  readonly query: string;
}

/** Evaluates a JSONata expression; null where it selects nothing. */
export async function run({ document, query }: JsonQueryArguments): Promise<unknown> {
  const result: unknown = await expression(query).evaluate(document);
  if (isFunction(result)) throw new Error("the query gives a function, not a value");
  return result === undefined ? null : result;
}

function expression(query: string): jsonata.Expression {
  try {
    return jsonata(query);
  } catch (error) {
    // JSONata throws objects that are no errors.
    const { message, position } = error as { message: string; position?: number };
    throw new Error(`the query is no JSONata, at character ${position ?? 0}: ${message}`, {
      cause: error,
    });
  }
}

/** JSONata's own functions are objects with a mark. */
function isFunction(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "function";
  return "_jsonata_lambda" in value || "_jsonata_function" in value;
}
