import { filetypeinfo } from "magic-bytes.js";

/** What bytes are by what they begin with, and not by what anybody says. */
export interface Bytes {
  /** Media types that begin so. */
  readonly types: readonly string[];
  /** What a viewer or a system would do with it, where that is more than to show it. */
  readonly nature?: "executable" | "archive" | "page";
}

export function natureOf(bytes: Buffer): Bytes {
  const guesses = filetypeinfo(bytes.subarray(0, headBytes));
  const names = new Set(guesses.map(({ typename }) => typename));
  const types = guesses.flatMap(({ mime }) => (mime === undefined ? [] : [mime]));
  if (isExecutable(bytes, names)) return { types, nature: "executable" };
  if (archives.some((name) => names.has(name))) return { types, nature: "archive" };
  return isPage(bytes) ? { types, nature: "page" } : { types };
}

/**
 * Whether bytes are something else than a media type says. Only what is known by its beginning can
 * be told: of other types it is enough that nothing runs in them.
 */
export function contradicts(mediaType: string, bytes: Buffer): boolean {
  const declared = essenceOf(mediaType);
  const { types, nature } = natureOf(bytes);
  if (known.has(declared)) return !types.includes(declared);
  if (nature === "executable") return !/^application\//.test(declared);
  if (nature === "page") return /^(?:image(?!\/svg)|audio|video|font)\//.test(declared);
  return nature === "archive" && /^(?:text|image|audio|video|font)\//.test(declared);
}

/** Signatures are within the first sector of a disk image; nearly all in the first bytes. */
const headBytes = 40_960;

const programs = [
  "ELF",
  "Mach-O",
  "class",
  "dex",
  "wasm",
  "exe",
  "rpm",
  "deb",
  "crx",
  "xar",
  "swf",
];
const archives = ["zip", "rar", "7z", "gz", "tar", "xz", "bz2", "cab", "iso", "dmg", "z", "lz"];

/** Marks of byte order begin texts, and not programs of the same first bytes. */
const byteOrder = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/;

function isExecutable(bytes: Buffer, names: ReadonlySet<string>): boolean {
  const head = bytes.toString("latin1", 0, 4);
  if (head.startsWith("#!")) return true;
  if (programs.some((name) => names.has(name)) && !byteOrder.test(head)) return true;
  return holdsMacros(bytes, names);
}

/** Documents that bring a program along. */
function holdsMacros(bytes: Buffer, names: ReadonlySet<string>): boolean {
  if (names.has("zip")) return bytes.includes("vbaProject.bin");
  return names.has("doc") && bytes.includes("_VBA_PROJECT", 0, "utf16le");
}

function isPage(bytes: Buffer): boolean {
  return /^[^<]{0,64}<(?:!doctype html|html|head|body|script|svg|iframe|\?xml)/i.test(
    bytes.toString("latin1", 0, 512),
  );
}

/** Types that always begin in the same way. */
const known: ReadonlySet<string> = new Set(
  ["png", "jpeg", "gif", "webp", "bmp", "tiff"]
    .map((name) => `image/${name}`)
    .concat("application/pdf", "application/zip", "application/wasm"),
);

function essenceOf(mediaType: string): string {
  const essence = mediaType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return essence === "image/jpg" ? "image/jpeg" : essence;
}
