import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { RE2JS } from "re2js";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { addMediaTypes } from "./check-media-type.ts";

/** Undefined where the value fits; else one sentence with the place, at most 500 characters. */
export type JsonCheck = (value: JsonValue) => string | undefined;

/** @throws {Error} for a schema that cannot be compiled, with the reason as its message. */
export type SchemaCompiler = (schema: JsonValue) => JsonCheck;

/**
 * A compiler of JSON Schema 2020-12 for one load of manifests. Checks never coerce, default or
 * strip. Patterns run on RE2 and formats only on short texts, so that no value makes a check slow.
 */
export function createSchemaCompiler(): SchemaCompiler {
  const ajv = createAjv();
  return (schema) => {
    const validate = ajv.compile(schema as object | boolean);
    return (value) => (validate(value) === true ? undefined : describe(validate.errors?.[0]));
  };
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    ownProperties: true,
    allErrors: false,
    logger: false,
    code: { regExp: linearRegExp },
    formats: shortFormats,
  });
  return addMediaTypes(ajv);
}

/** RE2 runs in linear time; what it cannot do (look-around, back references) it refuses. */
const linearRegExp = Object.assign((pattern: string) => RE2JS.compile(pattern), {
  code: "RE2JS.compile",
});

type Format = { validate: (text: string) => boolean };

/** The formats of JSON Schema. Their expressions backtrack, so the text they see is short. */
const shortFormats: Readonly<Record<string, Format>> = Object.fromEntries(
  Object.entries(fullFormats)
    .filter(([name]) => !["regex", "int32", "int64", "float", "double", "binary"].includes(name))
    .map(([name, format]) => [name, shortFormat(matcher(format))]),
);

function shortFormat(matches: (text: string) => boolean): Format {
  return { validate: (text) => text.length <= limits.formatChars && matches(text) };
}

function matcher(format: unknown): (text: string) => boolean {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === "function") return (text) => format(text) === true;
  if (typeof format === "object" && format !== null && "validate" in format) {
    return matcher(format.validate);
  }
  return () => true;
}

/** Says what is wrong and where, without the value: it may be long, or a secret. */
function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return "the value does not fit";
  const place = error.instancePath === "" ? "the value" : `\`${clip(error.instancePath, 200)}\``;
  return `${place} ${clip(error.message ?? "does not fit", 160)}${extra(error)}`;
}

function extra({ keyword, params }: ErrorObject): string {
  if (keyword === "additionalProperties") {
    return `: \`${clip(String(params["additionalProperty"]), 80)}\``;
  }
  if (keyword === "enum") {
    return `: ${clip((params["allowedValues"] as unknown[]).map(String).join(", "), 80)}`;
  }
  return "";
}

function clip(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1).toWellFormed()}…`;
}
