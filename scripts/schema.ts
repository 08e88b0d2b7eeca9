import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { editorSchemas } from "../gateway/tools/editor-schemas.ts";

// `npm run schema`: writes the JSON Schemas for editors. A test holds them fresh.
const folder = join(import.meta.dirname, "../manifests/schema");
mkdirSync(folder, { recursive: true });
for (const [file, text] of Object.entries(editorSchemas())) writeFileSync(join(folder, file), text);
