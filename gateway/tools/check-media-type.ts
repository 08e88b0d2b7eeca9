import type { SchemaValidateFunction } from "ajv";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { bytesOfBase64 } from "../../guardrails/output/carried.ts";
import { contradicts } from "../../guardrails/output/media-type.ts";

/**
 * Makes `contentMediaType` and `contentEncoding: base64` say something: a text whose bytes are known
 * to be something else does not fit. To JSON Schema they are notes only.
 */
export function addMediaTypes(ajv: Ajv2020): Ajv2020 {
  return ajv.removeKeyword("contentMediaType").addKeyword({
    keyword: "contentMediaType",
    type: "string",
    schemaType: "string",
    errors: false,
    validate,
  });
}

const validate: SchemaValidateFunction = (mediaType: string, text: string, parent) => {
  const isEncoded = parent?.["contentEncoding"] === "base64";
  const bytes = isEncoded ? bytesOfBase64(text) : Buffer.from(text);
  return bytes !== undefined && !contradicts(mediaType, bytes);
};
