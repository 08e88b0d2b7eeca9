import { z } from "zod";
import type { JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import { type FsPermission, pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../create-broker.ts";
import type { FileAsked, FileDone } from "./file-request.ts";
import { listFolder } from "./list-folder.ts";
import { refuseProtectedPath, segmentsOf } from "./open-beneath.ts";
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
  const entry = { door: "files", action, target: targetOf(args) } as const;
  try {
    const asked = parseAsked(action, args);
    permit(asked, action, context);
    const { value, bytes } = await context.filesGate.pass(() => serve(action, asked, context));
    context.book({ ...entry, bytes });
    return value;
  } catch (error) {
    const refusal = refusalOf(error);
    context.book({ ...entry, bytes: 0, code: refusal.code });
    throw refusal;
  }
}

/** @throws {Refusal} */
async function serve(
  action: FsPermission["access"],
  asked: FileAsked,
  context: DoorContext,
): Promise<FileDone> {
  // It may have waited till its call was over.
  if (context.signal.aborted) throw new Refusal("CANCELLED");
  await refuseProtectedPath(asked.segments, context);
  return await verbs[action](asked, context);
}

const verbs = { read: readFile, write: writeFile, list: listFolder } as const;

const pathArgs = z.strictObject({ path: z.string() });
const writeArgs = z.strictObject({ path: z.string(), text: z.string() });

/** What the book says was meant, even where it is no path at all. */
function targetOf(args: JsonValue): string {
  const { data } = pathArgs.loose().safeParse(args);
  return (data?.path ?? "").slice(0, limits.pathChars);
}

function parseAsked(action: FsPermission["access"], args: JsonValue): FileAsked {
  const parsed = (action === "write" ? writeArgs : pathArgs).safeParse(args);
  if (!parsed.success) {
    throw new Refusal("FILES_FAILED", "a file needs a path, and a text where it is written");
  }
  const { path, text = "" } = parsed.data as { path: string; text?: string };
  return { segments: segmentsOf(path), text };
}

function permit(
  { segments }: FileAsked,
  access: FsPermission["access"],
  { grant }: DoorContext,
): void {
  const path = segments.length === 0 ? "." : segments.join("/");
  const granted = grant.permissions.fs.some(
    (permission) => permission.access === access && pathWithin(path, permission.path),
  );
  if (!granted) throw new Refusal("FILES_DENIED", `the grant does not let the tool ${access} here`);
}

/** What the system says becomes a refusal without the path: that one is the gateway's own. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { code } = error as { code?: unknown };
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
    return new Refusal("FILES_FAILED", "the file is not UTF-8 text", { cause: error });
  }
  if (typeof code !== "string") throw error;
  return new Refusal("FILES_FAILED", sayings[code] ?? "the system refuses this", { cause: error });
}

const sayings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "this is a folder",
  ENOSPC: "there is no room left",
  EDQUOT: "there is no room left",
  EACCES: "the system does not let the gateway do this",
  ENAMETOOLONG: "a name in the path is too long",
};
