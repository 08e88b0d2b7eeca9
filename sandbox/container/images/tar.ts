import type { Node, Tree } from "./tree.ts";

const blockBytes = 512;

/**
 * A tree as a tar archive (ustar), in chunks: sorted, without a time, everything root's. The same
 * tree is the same bytes.
 *
 * @throws {RangeError} for a path or a link that the format has no room for.
 */
export function tarOf(tree: Tree): readonly Uint8Array[] {
  const whole = withFolders(tree);
  const paths = [...whole.keys()].sort();
  const chunks = paths.flatMap((path) => entryOf(path, whole.get(path) as Node));
  return [...chunks, Buffer.alloc(2 * blockBytes)];
}

function withFolders(tree: Tree): Tree {
  const whole: Tree = new Map(tree);
  for (const path of tree.keys()) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at);
      if (!whole.has(folder)) whole.set(folder, { kind: "folder", mode: 0o755 });
    }
  }
  return whole;
}

function entryOf(path: string, node: Node): readonly Uint8Array[] {
  if (node.kind !== "file") return [headerOf(path, node)];
  const rest = -node.bytes.length & (blockBytes - 1);
  return [headerOf(path, node), node.bytes, Buffer.alloc(rest)];
}

const typeFlags = { file: "0", link: "2", folder: "5" } as const;

/** The fields of a header, each with its offset and its bytes. */
function headerOf(path: string, node: Node): Uint8Array {
  const header = Buffer.alloc(blockBytes);
  const [prefix, name] = split(node.kind === "folder" ? `${path}/` : path);
  put(header, name, [0, 100]);
  put(header, octal(node.kind === "link" ? 0o777 : node.mode, 7), [100, 8]);
  put(header, octal(0, 7), [108, 8]);
  put(header, octal(0, 7), [116, 8]);
  put(header, octal(node.kind === "file" ? node.bytes.length : 0, 11), [124, 12]);
  put(header, octal(0, 11), [136, 12]);
  put(header, typeFlags[node.kind], [156, 1]);
  put(header, node.kind === "link" ? node.target : "", [157, 100]);
  put(header, "ustar\u000000", [257, 8]);
  put(header, prefix, [345, 155]);
  // The sum counts its own field as spaces.
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(header, `${octal(sum, 6)}\0`, [148, 8]);
  return header;
}

/** A long path is cut at a slash: what is in front of it has a place of its own. */
function split(path: string): readonly [string, string] {
  if (Buffer.byteLength(path) <= 100) return ["", path];
  const at = path.indexOf("/", Buffer.byteLength(path) - 101);
  return [path.slice(0, at), path.slice(at + 1)];
}

function put(header: Buffer, text: string, [at, room]: readonly [number, number]): void {
  if (Buffer.byteLength(text) > room) throw new RangeError(`\`${text}\` is too long for a tar`);
  header.write(text, at);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
