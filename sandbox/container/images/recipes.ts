/** A shipped image: what is taken out of which packages, and the program that answers calls. */
export interface Recipe {
  readonly name: ImageName;
  /** Debian's packages with which the search begins. */
  readonly packages: readonly string[];
  /** Which packages are taken at all, and which files of each; a dependency on any other is left out. */
  readonly parts: readonly Part[];
  /** Node itself comes from this machine: the very one that the gateway runs on. */
  readonly hasNode: boolean;
  /** What the program is made of: texts beside this file, by their names in `/ringward`. */
  readonly runner: Readonly<Record<string, string>>;
}

export interface Part {
  readonly package: RegExp;
  /** Of paths without a slash in front, with `/bin` and `/lib` beneath `/usr`. */
  readonly files: RegExp;
}

export const imageNames = ["shell", "node", "python"] as const;
export type ImageName = (typeof imageNames)[number];

const busybox: Part = { package: /^busybox-static$/, files: /^usr\/bin\/busybox$/ };
/** busybox's own shell takes its own programs before all others. */
const dash: Part = { package: /^dash$/, files: /^usr\/bin\/(?:da)?sh$/ };
const authorities: Part = { package: /^ca-certificates$/, files: /\/mozilla\/[^/]+\.crt$/ };
/** The C library's own shared objects, and not what programs find with it. */
const cLibrary: Part = {
  package: /^libc6$/,
  files: /^usr\/lib(?:64)?\/(?:[^/]+\/)?[^/]+\.so(?:\.\d+)*$/,
};
const libraries = (names: RegExp): Part => ({ package: names, files: /\.so(?:\.\d+)*$/ });
/** The C library asks for it when a thread ends before its time, and aborts without. */
const threadEnds: Part = libraries(/^libgcc-s1$/);
/** Knows `localhost`: where there is no network an engine leaves `/etc/hosts` empty. */
const names: Part = libraries(/^libnss-myhostname$/);

const python: Part = {
  package: /^python3(?:\.\d+)?-minimal$/,
  files: /^usr\/bin\/python3(?:\.\d+)?$/,
};
/** What `child.py` and its like are written with. */
const pythonRunner = {
  run: "run.py",
  "talk.py": "talk.py",
  "child.py": "child.py",
  "forward.py": "forward.py",
  "serve.py": "serve.py",
};

const shell: Recipe = {
  name: "shell",
  packages: [
    ...["busybox-static", "ca-certificates", "dash", "git", "wget"],
    ...["python3-minimal", "libpython3-stdlib", "libnss-myhostname"],
  ],
  parts: [
    busybox,
    dash,
    authorities,
    cLibrary,
    threadEnds,
    names,
    libraries(/^(?:zlib1g|libexpat1|libpcre2-8-0)$/),
    // busybox has a `wget` too; it believes any certificate.
    libraries(
      /^lib(?:gnutls30|idn2-0|nettle8|hogweed6|psl5|uuid1|gmp10|p11-kit0|tasn1-6)(?:t64)?$/,
    ),
    libraries(/^lib(?:unistring\d+|ffi8)$/),
    { package: /^(?:git|wget)$/, files: /^usr\/bin\/(?:git|wget)$/ },
    python,
    // The program that answers is written in Python, with little more than the language.
    {
      package: /^libpython3\.\d+-minimal$/,
      files: /^usr\/lib\/python3\.\d+\/(?!lib-dynload\/|sitecustomize).*\.py$/,
    },
    {
      package: /^libpython3(?:\.\d+)?-stdlib$/,
      files: /\/(?:json|ctypes)\/[^/]+\.py$|\/_(?:json|ctypes)\./,
    },
  ],
  hasNode: false,
  runner: { ...pythonRunner, "shell.py": "shell.py", "git_log.py": "git_log.py" },
};

const node: Recipe = {
  name: "node",
  packages: ["busybox-static", "ca-certificates", "libnss-myhostname"],
  parts: [busybox, authorities, names],
  hasNode: true,
  runner: { run: "run-node.sh", "main.js": "main", "guest.js": "guest" },
};

const pythonImage: Recipe = {
  name: "python",
  packages: [
    ...["busybox-static", "ca-certificates", "dash"],
    ...["python3-minimal", "libpython3-stdlib", "libnss-myhostname"],
  ],
  parts: [
    busybox,
    dash,
    authorities,
    cLibrary,
    threadEnds,
    names,
    libraries(
      /^(?:zlib1g|libexpat1|libffi8|libbz2-1\.0|liblzma5|libsqlite3-0|libuuid1|libssl3)(?:t64)?$/,
    ),
    python,
    {
      package: /^libpython3(?:\.\d+)?-(?:minimal|stdlib)$/,
      // Without what needs a terminal or a database of another time, and without tests.
      files:
        /^usr\/lib\/python3\.\d+\/(?!(?:test|idlelib|lib2to3|pydoc_data|curses)\/|sitecustomize|lib-dynload\/(?:_curses|_crypt|_dbm|nis|readline|_test|xx))/,
    },
  ],
  hasNode: false,
  runner: { ...pythonRunner, "python.py": "python.py" },
};

export const recipes: Readonly<Record<ImageName, Recipe>> = { shell, node, python: pythonImage };

/** Links to busybox. What changes a machine rather than a file is left out; it could not anyhow. */
export const applets: readonly string[] = (
  "[ [[ ar arch ash awk base64 basename bc bunzip2 bzcat bzip2 cal cat chgrp chmod chown clear " +
  "cmp cp cpio cut date dc dd df diff dirname dmesg dos2unix du echo egrep env expand expr " +
  "factor false fgrep find fold free getopt grep groups gunzip gzip head hexdump hostid hostname id " +
  "ip kill killall less link ln logname ls lzcat lzma md5sum mkdir mkfifo mknod mktemp more " +
  "mount mv nc nl nproc nslookup od paste patch pidof ping printf ps pwd readlink realpath rev " +
  "rm rmdir sed seq setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep sort " +
  "stat strings stty sync tac tail tar tee telnet test time timeout top touch tr " +
  "true truncate tty umount uname unexpand uniq unix2dos unlink unlzma unshare unxz unzip " +
  "uptime usleep uudecode uuencode vi watch wc which who whoami xargs xxd xz xzcat yes zcat"
).split(" ");
