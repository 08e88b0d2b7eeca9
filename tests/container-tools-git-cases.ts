import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { answerOf } from "./container-tools-cases.ts";
import { makeRepository, type Repository } from "./support/repository.ts";
import type { ToolCalls } from "./support/tool-calls.ts";

type Case = (t: Test, at: ToolCalls) => Promise<void>;

interface Log {
  readonly commits: readonly { readonly hash: string; readonly subject: string }[];
  readonly more: boolean;
}

function subjects(answer: unknown): readonly string[] | unknown {
  return (answer as Partial<Log>).commits?.map(({ subject }) => subject) ?? answer;
}

/** With two commits: `one`, and `two` on top of it. */
function repositoryIn({ workspace }: ToolCalls, name: string): Repository {
  const repository = makeRepository(join(workspace, name));
  repository.commit("one");
  repository.commit("two", "b.txt");
  return repository;
}

/** `git.log` on repositories of all kinds, honest ones first. */
export const gitCases: Readonly<Record<string, Case>> = {
  "the commits of a repository, the newest first": async (t, at) => {
    const repository = repositoryIn(at, "plain");
    const hash = repository.commit("three\n\nWith a body,\nof two lines.", "ü.txt");
    const log = answerOf(await at.run("git.log", { repo: "plain" })) as Log;
    t.strictSame(log.commits[0], {
      hash,
      author: "Ann",
      email: "ann@example.test",
      date: "2026-01-02T03:04:05+00:00",
      subject: "three",
      body: "With a body,\nof two lines.",
    });
    t.strictSame([subjects(log), log.more], [["three", "two", "one"], false]);
    repository.git("pack-refs", "--all");
    repository.git("gc", "--quiet");
    for (const [args, found, more] of [
      [{ limit: 2 }, ["three", "two"], true],
      [{ path: "b.txt" }, ["two"], false],
      [{ path: "ü.txt", limit: 1 }, ["three"], false],
      [{ path: "nowhere" }, [], false],
      [{ since: "2026-01-03" }, [], false],
      [{ since: "2026-01-01T00:00:00Z" }, ["three", "two", "one"], false],
    ] as const) {
      const some = answerOf(await at.run("git.log", { repo: "plain", ...args }));
      t.strictSame([subjects(some), (some as Log).more], [found, more], JSON.stringify(args));
    }
  },

  "a bare repository is one, too": async (t, at) => {
    const { git } = repositoryIn(at, "source");
    git("clone", "--quiet", "--bare", "--no-hardlinks", ".", join(at.workspace, "bare.git"));
    const log = answerOf(await at.run("git.log", { repo: "bare.git" }));
    t.strictSame(subjects(log), ["two", "one"]);
  },

  "attack: words that git would take for options or patterns": async (t, at) => {
    repositoryIn(at, "words");
    for (const path of ["--output=/tmp/x", "--all", ":(exclude)b.txt", ":/", "*.txt", "-p"]) {
      const log = answerOf(await at.run("git.log", { repo: "words", path }));
      t.strictSame(subjects(log), [], path);
    }
  },

  "attack: a repository's configuration runs its programs": async (t, at) => {
    const { folder, git } = repositoryIn(at, "configured");
    const evil = join(folder, "evil.sh");
    writeFileSync(evil, "#!/bin/sh\nkill -9 -1\n");
    chmodSync(evil, 0o755);
    signHead(git);
    appendFileSync(join(folder, ".git/config"), hostileConfig("/workspace/configured/evil.sh"));
    writeFileSync(join(folder, ".git/info/attributes"), "* diff=evil filter=evil\n");
    for (const hook of ["post-index-change", "reference-transaction", "pre-auto-gc"]) {
      symlinkSync(evil, join(folder, ".git/hooks", hook));
    }
    for (const rest of [{}, { path: "b.txt" }]) {
      const log = answerOf(await at.run("git.log", { repo: "configured", ...rest }));
      t.strictSame(subjects(log), ["two"].concat(Object.keys(rest).length > 0 ? [] : ["one"]));
    }
  },

  "attack: what a repository lacks is fetched by a program of its choice": async (t, at) => {
    const { folder, git } = repositoryIn(at, "partial");
    appendFileSync(join(folder, ".git/config"), partialConfig);
    const hash = git("rev-parse", "HEAD~1");
    rmSync(join(folder, ".git/objects", hash.slice(0, 2), hash.slice(2)));
    const answer = answerOf(await at.run("git.log", { repo: "partial" }));
    t.match(answer, { code: "GUEST_ERROR", detail: /^git ends with 128: .*(?:read|bad object)/ });
  },

  "attack: grafts, replacements and prepared graphs change what is told": async (t, at) => {
    const { folder, git } = repositoryIn(at, "changed");
    const other = git("commit-tree", "HEAD^{tree}", "-m", "planted");
    git("replace", "HEAD", other);
    writeFileSync(join(folder, ".git/info/grafts"), `${git("rev-parse", "HEAD")} ${other}\n`);
    mkdirSync(join(folder, ".git/objects/info"), { recursive: true });
    writeFileSync(join(folder, ".git/objects/info/commit-graph"), "CGPH no graph");
    writeFileSync(join(folder, ".mailmap"), "Mallory <m@example.test> <ann@example.test>\n");
    const log = answerOf(await at.run("git.log", { repo: "changed" }));
    t.strictSame(subjects(log), ["two", "one"]);
    t.match((log as Log).commits[0], { author: "Ann" });
  },

  "attack: a repository that leads elsewhere": async (t, at) => {
    repositoryIn(at, "secret");
    const { folder } = repositoryIn(at, "leading");
    const real = join(folder, ".git");
    const nothing = { code: "GUEST_ERROR", detail: /^there is no repository/ };
    const read = async (): Promise<unknown> =>
      answerOf(await at.run("git.log", { repo: "leading" }));
    renameSync(real, `${real}.away`);
    writeFileSync(real, "gitdir: ../secret/.git\n");
    t.match(await read(), nothing, "a file that names another");
    rmSync(real);
    symlinkSync("../secret/.git", real);
    t.match(await read(), nothing, "a link out of it");
    rmSync(real);
    symlinkSync(".git.away", real);
    t.match(await read(), nothing, "a link within it");
    rmSync(real);
    renameSync(`${real}.away`, real);
    rmSync(join(real, "objects"), { recursive: true });
    symlinkSync("../../secret/.git/objects", join(real, "objects"));
    t.match(await read(), nothing, "objects of another");
    rmSync(join(real, "objects"));
    mkdirSync(join(real, "objects/info"), { recursive: true });
    const alternates = "/workspace/secret/.git/objects\n../../../secret/.git/objects\n";
    writeFileSync(join(real, "objects/info/alternates"), alternates);
    t.match(await read(), { code: "GUEST_ERROR", detail: /^git ends with 128/ }, "alternates");
  },

  "attack: commits of any size and with any bytes": async (t, at) => {
    const { git, folder } = repositoryIn(at, "large");
    const tree = git("rev-parse", "HEAD^{tree}");
    const head = `tree ${tree}\nauthor \u202e\u0001 <a@b> 99999999999999 +9999\ncommitter x <> 0 +0000\n\n`;
    for (const message of [
      "x".repeat(1e6),
      "\u0000hidden",
      "\udc80\u001b[2J",
      "",
      "a\u0001b\u0000c",
    ]) {
      const file = join(folder, ".git/raw");
      writeFileSync(file, Buffer.from(`${head}${message}`, "latin1"));
      const words = ["hash-object", "-t", "commit", "-w", "--literally", ".git/raw"];
      writeFileSync(join(folder, ".git/refs/heads/main"), `${git(...words)}\n`);
      const log = answerOf(await at.run("git.log", { repo: "large" })) as Log;
      t.equal(log.commits.length, 1, message.slice(0, 10));
      t.ok(JSON.stringify(log).length < 10_000);
    }
  },
};

/** Whoever shows this commit's signature runs the program that the repository names for it. */
function signHead(git: Repository["git"]): void {
  const [head = "", ...message] = git("cat-file", "commit", "HEAD").split("\n\n");
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----";
  const file = join(git("rev-parse", "--absolute-git-dir"), "signed");
  writeFileSync(file, `${head}\n${signature}\n\n${message.join("\n\n")}\n`);
  git("reset", "--soft", git("hash-object", "-t", "commit", "-w", file));
}

function hostileConfig(evil: string): string {
  return `
[log]\n showSignature = true\n mailmap = true
[gpg]\n program = ${evil}\n[gpg "ssh"]\n program = ${evil}
[core]\n fsmonitor = ${evil}\n pager = ${evil}\n sshCommand = ${evil}\n hooksPath = /workspace/configured
 alternateRefsCommand = ${evil}\n editor = ${evil}\n askPass = ${evil}\n worktree = /
[pager]\n log = ${evil}
[diff]\n external = ${evil}\n[diff "evil"]\n textconv = ${evil}\n command = ${evil}
[filter "evil"]\n smudge = ${evil}\n clean = ${evil}\n process = ${evil}
[credential]\n helper = !${evil}
[alias]\n log = !${evil}
[include]\n path = /workspace/configured/more
[format]\n pretty = %GG
[color]\n ui = always
`;
}

const partialConfig = `
[core]\n repositoryformatversion = 1
[extensions]\n partialClone = origin
[remote "origin"]\n url = ext::sh -c kill% -9% -1\n promisor = true\n uploadpack = kill -9 -1;
[protocol]\n allow = always
`;
