import { z } from "zod";
import type { JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import type { FsPermission } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import { bytesOf } from "./base64.ts";
import { booked, inTurn } from "./booked.ts";
import { type FileAsked, permit } from "./file-request.ts";
import { listFolder } from "./list-folder.ts";
import { segmentsOf } from "./open-beneath.ts";
import { readFile } from "./read-file.ts";
import { writeFile } from "./write-file.ts";

export type FilesRequest = "files.read" | "files.write" | "files.list";

/**
 * Reads, writes or lists beneath the workspace, within the grant. Each request is booked.
 *
 * @throws {Refusal} `FILES_DENIED`, `FILES_FAILED`, `CANCELLED`.
 */
export async function requestFiles(
  name: FilesRequest,
  args: JsonValue,
  context: DoorContext,
): Promise<JsonValue> {
  const action = name.slice("files.".length) as FsPermission["access"];
  return await booked({ action, target: targetOf(args) }, context, async () => {
    const asked = parseAsked(action, args);
    permit(asked.segments, action, context);
    return await inTurn(asked.segments, context, () => verbs[action](asked, context));
  });
}

const verbs = { read: readFile, write: writeFile, list: listFolder } as const;

const pathArgs = z.strictObject({ path: z.string() });
const writeArgs = z.union([
  z.strictObject({ path: z.string(), text: z.string() }),
  z.strictObject({ path: z.string(), base64: z.string() }),
]);

/** What the book says was meant, even where it is no path at all. */
function targetOf(args: JsonValue): string {
  const { data } = pathArgs.loose().safeParse(args);
  return (data?.path ?? "").slice(0, limits.pathChars);
}

function parseAsked(action: FsPermission["access"], args: JsonValue): FileAsked {
  const parsed = (action === "write" ? writeArgs : pathArgs).safeParse(args);
  if (!parsed.success) {
    throw new Refusal(
      "FILES_FAILED",
      "a file needs a path, and text or base64 where it is written",
    );
  }
  const { path, text = "", base64 } = parsed.data as Readonly<Record<string, string>> & FilePath;
  const segments = segmentsOf(path);
  return { segments, data: base64 === undefined ? Buffer.from(text) : bytesOf(base64) };
}

interface FilePath {
  readonly path: string;
}
