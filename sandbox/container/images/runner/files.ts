import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const home = "/work";
/** What a call may leave; the gateway counts again. */
const mostFiles = 64;
const mostBytes = 8_388_608;

type Files = Readonly<Record<string, string>>;

/** Puts the files of a call into its home, and returns them. */
export function unpack(files: Files): Files {
  for (const [path, content] of Object.entries(files)) {
    const place = join(home, path);
    if (!place.startsWith(`${home}/`)) throw new Error("a path leads out of the home");
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content, "base64");
  }
  return files;
}

/** The plain files of the home that are new or changed, by path, as base64. */
export function pack(brought: Files): Files {
  const left: Record<string, string> = {};
  let bytes = 0;
  for (const place of plainFiles()) {
    const content = readFileSync(place, "base64");
    const path = relative(home, place);
    if (brought[path] === content) continue;
    bytes += content.length * 0.75;
    left[path] = content;
    if (bytes > mostBytes || Object.keys(left).length > mostFiles) {
      throw new Error("the call leaves more files than it may");
    }
  }
  return left;
}

function plainFiles(): readonly string[] {
  const entries = readdirSync(home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
