import type { Mutation } from "./mutations.ts";

type Change = readonly [file: string, takesOut: string, from: string, to?: string];

const room = "sandbox/container/images";

const archives: readonly Change[] = [
  ["tar", "the same tree is the same bytes", "[...whole.keys()].sort()", "[...whole.keys()]"],
  ["tar", "no time stands in an archive", "octal(0, 11), [136, 12]", "octal(1, 11), [136, 12]"],
  ["tar", "an archive's files are root's", "octal(0, 7), [108, 8]", "octal(7, 7), [108, 8]"],
  [
    "tar",
    "an archive's files are root's group's",
    "octal(0, 7), [116, 8]",
    "octal(7, 7), [116, 8]",
  ],
  ["tar", "nothing is cut off", "if (Buffer.byteLength(text) > room) throw", "if (room < 0) throw"],
  [
    "tar",
    "modes stand in an archive",
    'octal(node.kind === "link" ? 0o777 : node.mode, 7)',
    "octal(0o777, 7)",
  ],
  ["tar", "an archive's heads have their sums", "  put(header, `", "  void (`"],
  ["tar", "an archive has its end", "[...chunks, Buffer.alloc(2 * blockBytes)]", "chunks"],
  ["tar", "folders come along", "if (!whole.has(folder))", 'if (folder === "")'],
];

const trees: readonly Change[] = [
  [
    "tree",
    "nothing in an image raises anybody",
    "plainFile(readFileSync(place), (stats.mode & 0o111) !== 0)",
    '({ kind: "file", mode: stats.mode & 0o7777, bytes: readFileSync(place) })',
  ],
  [
    "tree",
    "no device, socket or pipe is taken",
    "return stats.isFile() ?",
    "return !stats.isDirectory() ?",
  ],
  ["tree", "a path is the image's", "const wanted = mergedPath(path);", "const wanted = path;"],
  ["tree", "what is not wanted is not taken", "    if (!isWanted(wanted)) continue;\n"],
];

const packages: readonly Change[] = [
  [
    "packages",
    "what is kept is what was fetched",
    "if (!bytes || digestOf(bytes) !== digest?.toString()) return undefined;",
    "if (!bytes) return undefined;",
  ],
  [
    "packages",
    "what is not wanted is not looked at",
    "      .filter(choice.isWanted);\n  }",
    "  }",
  ],
  [
    "packages",
    "what apt does not bring is not left out",
    "return fetched ?? (await installedPackage(name, notBrought));",
    "return fetched as DebianPackage;",
  ],
  ["packages", "each package is taken once", " && !found.has(name)"],
  [
    "packages",
    "packages are in their order",
    "sort((a, b) => (a.name < b.name ? -1 : 1))",
    "reverse()",
  ],
  [
    "packages",
    "what is current is fetched",
    "const cached = isRefreshed\n    ? names.map(() => undefined)\n    : await",
    "const cached = await",
  ],
  [
    "packages",
    "what is installed serves",
    "    return await Promise.all(names.map((name) => installedPackage(name, cause)));",
    "    throw cause;",
  ],
  [
    "installed-package",
    "only what is installed is taken",
    'if (!status.endsWith(" installed")) throw notThere(name, cause);',
  ],
];

const loads: readonly Change[] = [
  [
    "load-image",
    "an image is known by its layer",
    "layers[0] === image.layer",
    "layers.length > 0",
  ],
  ["load-image", "an image has one layer", "layers.length === 1 && "],
  ["load-image", "what is there is not loaded again", "if (isSame(known, image)) return known.Id;"],
  [
    "load-image",
    "what was loaded is looked at",
    "if (isSame(loaded, image)) return loaded.Id;",
    "if (loaded) return loaded.Id;",
  ],
  [
    "load-image",
    "what is not there is not there",
    "return status === 200 ?",
    "return status > 0 ?",
  ],
  ["docker-archive", "an image runs as nobody", 'User: "65532:65532"', 'User: "0:0"'],
  [
    "docker-archive",
    "no time stands in an image",
    'created: "1970-01-01T00:00:00Z",\n    config',
    "created: new Date().toISOString(),\n    config",
  ],
];

const agreed: readonly Change[] = [
  [
    "runner/files",
    "a call leaves as many files as the gateway takes",
    "mostFiles = 64",
    "mostFiles = 65",
  ],
  ["runner/files", "and as many bytes", "mostBytes = 8_388_608", "mostBytes = 9_000_000"],
  ["runner/way-out", "the way out is at one port", "port = 3128", "port = 3129"],
];

const taken: readonly Change[] = [
  ["recipes", "a program may end before its threads", "/^libgcc-s1$/", "/^libgcc-s0$/"],
  ["recipes", "loopback has a name", "/^libnss-myhostname$/", "/^libnss-nobody$/"],
];

/** What images are built from, and how. */
export const imagesMutations: readonly Mutation[] = [
  ...rows(archives, `${room}/tar.test.ts`),
  ...rows(loads, `${room}/load-image.test.ts`),
  ...rows(trees, `${room}/tree.test.ts`),
  ...rows(agreed, "tests/container-images-agreement.test.ts"),
  ...rows(packages, "tests/container-images-packages.test.ts"),
  ...rows(taken, "tests/container-tools-runc.test.ts"),
];

function rows(changes: readonly Change[], test: string): readonly Mutation[] {
  return changes.map(([file, takesOut, from, to = ""]) => {
    return { takesOut, file: `${room}/${file}.ts`, from, to, test };
  });
}
