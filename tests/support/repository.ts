import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A git repository on disk, made by the git of this machine. */
export interface Repository {
  readonly folder: string;
  git(...words: readonly string[]): string;
  /** Writes a file and commits it; the commit's hash. */
  commit(message: string, file?: string, text?: string): string;
}

export function makeRepository(folder: string): Repository {
  mkdirSync(folder, { recursive: true });
  const git = (...words: readonly string[]): string =>
    execFileSync("git", words, { cwd: folder, encoding: "utf8", env, stdio: "pipe" }).trim();
  git("init", "--quiet", "--initial-branch=main");
  return {
    folder,
    git,
    commit(message, file = "a.txt", text = message) {
      writeFileSync(join(folder, file), text);
      git("add", "--", file);
      git("commit", "--quiet", "--message", message);
      return git("rev-parse", "HEAD");
    },
  };
}

const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nowhere",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.test",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.test",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
  GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
};
